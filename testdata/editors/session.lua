-- A session of lostctx lsp with Neovim's own client. g:spec is a file that says which
-- server, folder and file, and what is expected. Neovim asks for the code actions, lets
-- choose one, resolves it and applies the edits as it does for its users.
local spec = vim.json.decode(table.concat(vim.fn.readfile(vim.g.spec), "\n"))

local function fail(text)
	io.stderr:write(text .. "\n")
	vim.cmd("cquit 1")
end

local function want(ok, text)
	if not ok then
		error(text, 2)
	end
end

local messages = {} -- of what Neovim would show
vim.notify = function(text) table.insert(messages, text) end

local buffer
local function diagnostics()
	return vim.diagnostic.get(buffer)
end

local function at(line)
	return vim.tbl_filter(function(d) return d.lnum == line end, diagnostics())
end

local function until_(what, wanted)
	local ok = vim.wait(spec.patience * 1000, wanted, 20)
	want(ok, what .. ": it does not happen; there is " .. vim.inspect(diagnostics()) .. vim.inspect(messages))
end

local function line_of(text)
	for i, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
		if line:find(text, 1, true) then
			return i - 1
		end
	end
	error("no line with " .. text)
end

-- all_text is what is in every buffer of the session, by name.
local function all_text()
	local texts = {}
	for _, b in ipairs(vim.api.nvim_list_bufs()) do
		if vim.api.nvim_buf_is_loaded(b) and vim.api.nvim_buf_get_name(b) ~= "" then
			texts[b] = vim.api.nvim_buf_get_lines(b, 0, -1, false)
		end
	end
	return texts
end

-- choose asks for the code actions at a line, and applies the one with a title. It returns
-- the titles that there are.
local function choose(line, title)
	vim.api.nvim_win_set_cursor(0, { line + 1, 1 })
	local titles
	vim.ui.select = function(items, options, chosen)
		titles = vim.tbl_map(function(item) return (options.format_item(item):gsub(" %(%d+%)$", "")) end, items)
		for i, item in ipairs(items) do
			if titles[i] == title then
				chosen(item, i)
				return
			end
		end
		chosen(nil)
	end
	vim.lsp.buf.code_action()
	until_("code actions", function() return titles ~= nil end)
	return titles
end

local function changed(before)
	return function()
		local now = all_text()
		for b, lines in pairs(now) do
			if before[b] == nil or not vim.deep_equal(before[b], lines) then
				return true
			end
		end
		return false
	end
end

local function session()
	vim.o.hidden = true
	vim.o.swapfile = false
	-- The settings are those that lostctx help editors shows.
	local page = vim.fn.system({ spec.server, "help", "editors" })
	local settings = page:match("## Neovim 0.7 to 0.10\n\n```lua\n(.-)```")
	want(settings, "lostctx help editors shows no settings")
	vim.env.PATH = vim.fn.fnamemodify(spec.server, ":h") .. ":" .. vim.env.PATH
	assert(loadstring(settings))()
	vim.cmd("filetype on")
	vim.cmd("edit " .. vim.fn.fnameescape(spec.root .. "/" .. spec.file))
	buffer = vim.api.nvim_get_current_buf()
	until_("the server starts", function() return #vim.lsp.get_active_clients() == 1 end)
	local client = vim.lsp.get_active_clients()[1]

	until_("open", function() return #diagnostics() == spec.findings end)
	local related = {}
	for _, d in ipairs(diagnostics()) do
		for _, r in ipairs(d.user_data.lsp.relatedInformation or {}) do
			local file = vim.uri_to_fname(r.location.uri)
			want(vim.fn.filereadable(file) == 1, file .. " cannot be read")
			table.insert(related, file)
		end
	end
	for _, dir in ipairs(spec.related) do
		want(vim.tbl_contains(vim.tbl_map(function(f) return f:find(dir, 1, true) ~= nil end, related), true), "no step leads to " .. dir)
	end

	for _, target in ipairs(spec.targets) do
		for _, title in ipairs(target.actions) do
			local line = line_of(target.line)
			want(#at(line) == 1, "findings at " .. target.line .. ": " .. vim.inspect(diagnostics()))
			local before = all_text()
			local titles = choose(line, title)
			want(vim.deep_equal(titles, target.actions), "the actions are " .. vim.inspect(titles))
			until_(title .. ": an edit", changed(before))
			if title == "Ignore with a reason" then
				local n = line_of("//lostctx:ignore")
				vim.api.nvim_buf_set_lines(buffer, n, n + 1, false, { vim.api.nvim_buf_get_lines(buffer, n, n + 1, false)[1] .. "the session says so" })
			end
			vim.cmd("silent wall")
			local left = title:find("Fix all", 1, true) and 0 or spec.findings - 1
			until_(title .. ": the finding goes", function() return #diagnostics() <= left end)
			-- What is undone is what was there before, in each buffer.
			for b, lines in pairs(before) do
				vim.api.nvim_buf_set_lines(b, 0, -1, false, lines)
			end
			for _, b in ipairs(vim.api.nvim_list_bufs()) do
				if before[b] == nil and vim.api.nvim_buf_is_loaded(b) and vim.bo[b].modifiable then
					vim.api.nvim_buf_call(b, function() vim.cmd("silent! undo") end)
				end
			end
			vim.cmd("silent wall")
			until_(title .. ": the finding is back", function() return #diagnostics() == spec.findings and #at(line_of(target.line)) == 1 end)
			io.stdout:write("applied and undone: " .. title .. "\n")
		end
	end

	-- An edit that overlaps what is typed meanwhile is refused, by the server ..
	local target = spec.targets[1]
	local line = line_of(target.line)
	local params = { textDocument = { uri = vim.uri_from_bufnr(buffer) }, range = { start = { line = line, character = 1 }, ["end"] = { line = line, character = 1 } }, context = { diagnostics = {} } }
	local answer = client.request_sync("textDocument/codeAction", params, spec.patience * 1000, buffer)
	local early = client.request_sync("codeAction/resolve", answer.result[1], spec.patience * 1000, buffer)
	want(early.result and early.result.edit, vim.inspect(early))
	local text = vim.api.nvim_buf_get_lines(buffer, line, line + 1, false)[1]
	vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, { text .. " // typed" })
	local late = client.request_sync("codeAction/resolve", answer.result[1], spec.patience * 1000, buffer)
	want(late.err and late.err.message:find("has changed since lostctx looked at it", 1, true), vim.inspect(late))
	-- .. and by Neovim, if it has the edit already.
	local before = all_text()
	vim.lsp.util.apply_workspace_edit(early.result.edit, client.offset_encoding)
	want(not changed(before)(), "Neovim applies an edit of another version")
	vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, { text })
	vim.cmd("silent write")

	-- Hover.
	local hover = client.request_sync("textDocument/hover", { textDocument = params.textDocument, position = { line = line, character = #text:match("^%s*") } }, spec.patience * 1000, buffer)
	want(hover.result and hover.result.contents.value:find("reports", 1, true), vim.inspect(hover))

	client.stop()
	want(vim.wait(spec.patience * 1000, function() return vim.lsp.get_client_by_id(client.id) == nil end), "the server does not end")
	io.stdout:write("the session is over\n")
end

local ok, err = xpcall(session, debug.traceback)
if not ok then
	fail(err)
end
vim.cmd("qall!")
