// A session of lostctx lsp with the client library of VS Code. The argument is a file
// that says which server, folder and file, and what is expected. Every message of the
// server is kept, for types.mjs to check against the types of the protocol.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { join } from "node:path";
import assert from "node:assert/strict";
import rpc from "vscode-jsonrpc/node.js";
import lsp from "vscode-languageserver-protocol";

const spec = JSON.parse(readFileSync(process.argv[2], "utf8"));
const kept = []; // what the server says: the name of its type in the protocol, and the value
const server = spawn(spec.server, ["lsp"], { stdio: ["pipe", "pipe", "inherit"], cwd: spec.root });
const connection = rpc.createMessageConnection(
	new rpc.StreamMessageReader(server.stdout),
	new rpc.StreamMessageWriter(server.stdin),
);
connection.onError(([err]) => { throw err; });
connection.onUnhandledNotification(m => { throw new Error("nobody knows " + m.method); });

const published = new Map(); // by URI
let arrived = () => {}; // looks at what is published
connection.onNotification(lsp.PublishDiagnosticsNotification.type, p => {
	kept.push(["PublishDiagnosticsParams", p]);
	assert(p.diagnostics.every(d => lsp.Diagnostic.is(d)), "a diagnostic is none: " + JSON.stringify(p));
	published.set(p.uri, p);
	arrived();
});
connection.onNotification(lsp.ShowMessageNotification.type, p => { kept.push(["ShowMessageParams", p]); console.log("message:", p.message); });
connection.onNotification(lsp.LogMessageNotification.type, p => kept.push(["LogMessageParams", p]));
connection.onRequest(lsp.RegistrationRequest.type, p => { kept.push(["RegistrationParams", p]); });
connection.onRequest(lsp.ConfigurationRequest.type, p => { kept.push(["ConfigurationParams", p]); return [spec.settings ?? null]; });
connection.onRequest(lsp.WorkDoneProgressCreateRequest.type, p => {
	kept.push(["WorkDoneProgressCreateParams", p]);
	connection.onProgress(lsp.WorkDoneProgress.type, p.token, value => kept.push(["WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd", value]));
});
let cursor; // where the server has put it
connection.onRequest(lsp.ShowDocumentRequest.type, p => { kept.push(["ShowDocumentParams", p]); cursor = p; return { success: true }; });
connection.listen();

// ask sends a request and keeps the result.
async function ask(type, name, params) {
	const result = await connection.sendRequest(type, params);
	kept.push([name, result]);
	return result;
}

// until waits until what is published for a URI is as wanted.
function until(uri, what, wanted) {
	return new Promise((resolve, reject) => {
		const late = setTimeout(() => reject(new Error(`${what}: nothing after ${spec.patience} s; last ${JSON.stringify(published.get(uri))}`)), spec.patience * 1000);
		arrived = () => {
			const p = published.get(uri);
			if (p && wanted(p.diagnostics)) {
				clearTimeout(late);
				arrived = () => {};
				resolve(p.diagnostics);
			}
		};
		arrived();
	});
}

// Documents are what the editor has open.
const documents = new Map();

async function open(file) {
	const uri = pathToFileURL(file).href;
	const doc = { file, uri, version: 1, text: readFileSync(file, "utf8") };
	documents.set(uri, doc);
	await connection.sendNotification(lsp.DidOpenTextDocumentNotification.type, { textDocument: lsp.TextDocumentItem.create(uri, "go", 1, doc.text) });
	return doc;
}

async function change(doc, text) {
	doc.version++;
	doc.text = text;
	await connection.sendNotification(lsp.DidChangeTextDocumentNotification.type, { textDocument: { uri: doc.uri, version: doc.version }, contentChanges: [{ text }] });
}

async function save(doc) {
	writeFileSync(doc.file, doc.text);
	await connection.sendNotification(lsp.DidSaveTextDocumentNotification.type, { textDocument: { uri: doc.uri } });
}

// apply applies an edit as the protocol says, and saves. It returns what undoes it.
async function apply(edit) {
	const before = [];
	for (const { textDocument, edits } of edit.documentChanges) {
		const doc = documents.get(textDocument.uri) ?? await open(fileURLToPath(textDocument.uri));
		const { version } = textDocument;
		assert(version === null || version === doc.version, "the edit is for another version");
		before.push([doc, doc.text]);
		await change(doc, edited(doc.text, edits));
	}
	for (const [doc] of before) await save(doc);
	return async () => {
		for (const [doc, text] of before) { await change(doc, text); await save(doc); }
	};
}

// edited applies edits from the last one on.
function edited(text, edits) {
	const lines = text.split("\n");
	const offset = p => lines.slice(0, p.line).reduce((n, l) => n + l.length + 1, 0) + p.character;
	for (const e of [...edits].sort((a, b) => offset(b.range.start) - offset(a.range.start))) {
		text = text.slice(0, offset(e.range.start)) + e.newText + text.slice(offset(e.range.end));
	}
	return text;
}

const result = await ask(lsp.InitializeRequest.type, "InitializeResult", {
	processId: process.pid,
	rootUri: null,
	workspaceFolders: [{ uri: pathToFileURL(spec.root).href, name: "session" }],
	capabilities: {
		general: { positionEncodings: ["utf-16"] },
		window: { workDoneProgress: true, showDocument: { support: true } },
		workspace: { configuration: true, didChangeWatchedFiles: { dynamicRegistration: true }, workspaceEdit: { documentChanges: true } },
		textDocument: {
			publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true, dataSupport: true },
			codeAction: { dataSupport: true, isPreferredSupport: true, resolveSupport: { properties: ["edit", "command"] }, codeActionLiteralSupport: { codeActionKind: { valueSet: ["", "quickfix", "source.fixAll"] } } },
			hover: { contentFormat: ["markdown", "plaintext"] },
		},
	},
});
assert.equal(result.capabilities.positionEncoding, "utf-16");
await connection.sendNotification(lsp.InitializedNotification.type, {});

const doc = await open(join(spec.root, spec.file));
const original = doc.text;
const lineOf = text => { const n = doc.text.split("\n").findIndex(l => l.includes(text)); assert(n >= 0, "no line with " + text); return n; };
const actionsAt = async (line, diagnostics, only) => ask(lsp.CodeActionRequest.type, "CodeAction[]", {
	textDocument: { uri: doc.uri }, range: { start: { line, character: 1 }, end: { line, character: 1 } }, context: { diagnostics, only },
});
const resolved = async a => { const r = await ask(lsp.CodeActionResolveRequest.type, "CodeAction", a); assert(lsp.CodeAction.is(r)); return r; };
const refused = async a => { try { await connection.sendRequest(lsp.CodeActionResolveRequest.type, a); } catch (err) { return err.message; } return "nothing"; };
const at = (diagnostics, line) => diagnostics.filter(d => d.range.start.line === line);

let diagnostics = await until(doc.uri, "open", ds => ds.length >= spec.targets.length);
console.log(`${diagnostics.length} findings in ${spec.file}`);
assert.equal(published.get(doc.uri).version, 1);

// Each step of the way is in a file that can be opened.
const places = diagnostics.flatMap(d => d.relatedInformation ?? []);
for (const r of places) {
	const file = fileURLToPath(r.location.uri);
	assert(existsSync(file), file + " is not there");
	const line = readFileSync(file, "utf8").split("\n")[r.location.range.start.line];
	assert(line !== undefined && line.length >= r.location.range.end.character, `${file} has no such place`);
}
for (const dir of spec.related) assert(places.some(r => r.location.uri.includes(dir)), "no step leads to " + dir);

// Each action is applied, and undone.
for (const target of spec.targets) {
	const line = lineOf(target.line);
	const found = at(diagnostics, line);
	assert.equal(found.length, 1, "findings at " + target.line);
	const hover = await ask(lsp.HoverRequest.type, "Hover", { textDocument: { uri: doc.uri }, position: found[0].range.start });
	assert(lsp.Hover.is(hover) && hover.contents.value.includes("reports"), JSON.stringify(hover));
	const actions = await actionsAt(line, found);
	assert.deepEqual(actions.map(a => a.title.replace(/ \(\d+\)$/, "")), target.actions);
	for (const [i, title] of target.actions.entries()) {
		// Where the actions are asked for anew they are those of the text as it is now.
		const fresh = await actionsAt(lineOf(target.line), at(diagnostics, lineOf(target.line)));
		const action = await resolved(fresh[i]);
		const undo = await apply(action.edit);
		if (action.command) {
			await ask(lsp.ExecuteCommandRequest.type, "null", { command: action.command.command, arguments: action.command.arguments });
			assert.equal(cursor.selection.start.character, doc.text.split("\n")[cursor.selection.start.line].length);
			const lines = doc.text.split("\n");
			lines[cursor.selection.start.line] += "the session says so";
			await change(doc, lines.join("\n"));
			await save(doc);
		}
		const left = action.title.startsWith("Fix all") ? 0 : diagnostics.length - 1;
		await until(doc.uri, `${title}: the finding goes`, ds => ds.length <= left);
		await undo();
		diagnostics = await until(doc.uri, `${title}: the finding is back`, ds => ds.length === spec.findings && at(ds, lineOf(target.line)).length === 1);
		console.log(`applied and undone: ${title}`);
	}
	// An edit that overlaps what is typed meanwhile is refused.
	const action = (await actionsAt(line, at(diagnostics, line)))[0];
	const early = await resolved(action);
	await change(doc, original.replace(target.line, target.line + " // typed"));
	assert.match(await refused(action), /has changed since lostctx looked at it/);
	assert.notEqual(early.edit.documentChanges[0].textDocument.version, doc.version, "a client would apply it");
	await change(doc, original);
	await save(doc);
	diagnostics = await until(doc.uri, "what was typed is undone", ds => ds.length === spec.findings && at(ds, lineOf(target.line)).length === 1 && published.get(doc.uri).version === doc.version);
}
const onSave = await actionsAt(0, [], ["source.fixAll"]);
assert.deepEqual(onSave.map(a => a.kind), ["source.fixAll.lostctx"]);
assert.equal(await ask(lsp.HoverRequest.type, "null", { textDocument: { uri: doc.uri }, position: { line: 0, character: 0 } }), null);

// What does not compile keeps its findings.
await change(doc, original + "\nvar x int = \"a string\"\n");
await save(doc);
await until(doc.uri, "out of date", ds => ds.length === spec.findings && ds.every(d => d.message.includes("out of date")));
await change(doc, original);
await save(doc);
await until(doc.uri, "up to date", ds => ds.length === spec.findings && ds.every(d => !d.message.includes("out of date")));

await connection.sendRequest(lsp.ShutdownRequest.type);
const ended = new Promise(resolve => server.on("exit", resolve));
await connection.sendNotification(lsp.ExitNotification.type);
assert.equal(await ended, 0);
writeFileSync(spec.kept, kept.map(([type, value]) => `{ const m: p.${type.replaceAll(" | ", " | p.")} = ${JSON.stringify(value)}; void m; }\n`).join("").replaceAll("p.null", "null"));
console.log(`${kept.length} messages kept`);
process.exit(0);
