"use strict";
(() => {
	const data = JSON.parse(document.getElementById("data").textContent);
	const $ = (id) => document.getElementById(id);
	const list = $("list"), search = $("q"), byCheck = $("check"), byPackage = $("package");

	// make builds an element; text is never read as markup.
	const make = (name, attrs, ...children) => {
		const svg = /^(svg|g|path|rect|circle|text|title|desc|line)$/.test(name);
		const el = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
		for (const [k, v] of Object.entries(attrs || {})) el.setAttribute(k, v);
		el.append(...children.filter((c) => c !== null && c !== ""));
		return el;
	};
	const plural = (n, one, many) => n === 1 ? one : many;

	// The picture. The rail on the left is the trace: thick while it is there,
	// cut at the finding, dotted where code runs without it.
	const railX = 30, boxX = 60;
	// clip shortens code in its middle: both ends of a name say something.
	const clip = (text, max) => {
		const all = Array.from(text);
		max = Math.floor(max);
		if (all.length <= max) return text;
		const tail = Math.floor(max * 0.6);
		return all.slice(0, max - tail - 1).join("") + "…" + all.slice(-tail).join("");
	};
	// short leaves the last parts of a path, which say most.
	const short = (place, max) => Array.from(place).length <= max ? place : "…" + Array.from(place).slice(1 - max).join("");
	const boxLines = (n, width) => {
		const lines = [], inner = width - boxX - 24;
		if (n.tag) lines.push(["tag", clip(n.tag, inner / 7.2)]);
		lines.push(["title", clip(n.title, inner / 7.9)]);
		if (n.note && n.kind !== "cut") lines.push(["small", clip(n.note, inner / 6.2)]);
		if (n.place) lines.push(["small", short(n.place, Math.floor(inner / 6.4))]);
		return lines;
	};
	const boxHeight = (n, width) => 14 + boxLines(n, width).length * 19;
	const number = (y, n) => [make("circle", { class: "dot", cx: railX, cy: y, r: 12 }), make("text", { class: "num", x: railX, y: y + 4.5 }, String(n + 1))];

	const node = (n, i, y, width) => {
		const h = boxHeight(n, width), mid = y + h / 2;
		const g = make("g", { class: "p-" + n.kind });
		g.append(make("rect", { class: "box", x: boxX, y, width: width - boxX - 4, height: h, rx: n.kind === "cut" ? 2 : 9 }));
		boxLines(n, width).forEach(([kind, text], k) => g.append(make("text", { class: kind, x: boxX + 12, y: y + 22 + k * 19 }, text)));
		g.append(...number(mid, i));
		return g;
	};
	const draw = (f, id) => {
		const width = Math.min(430, document.documentElement.clientWidth - 50);
		const svg = make("svg", { class: "picture", role: "img", "aria-labelledby": id + "-t " + id + "-d" },
			make("title", { id: id + "-t" }, "The way of the trace: " + f.loss), make("desc", { id: id + "-d" }, f.alt));
		const lines = make("g"), nodes = make("g");
		const vertical = (kind, y1, y2) => lines.append(make("line", { class: kind, x1: railX, x2: railX, y1, y2 }));
		const about = f.nodes[0].kind !== "note";
		let y = 14, last = 4;
		let rail = about ? "rail" : "";
		if (about) vertical("rail", 0, 20);
		f.nodes.forEach((n, i) => {
			const h = boxHeight(n, width), mid = y + h / 2;
			if (n.kind === "cut") {
				// The rail stops short of the cut, and two strokes cross the gap.
				if (rail && i > 0) vertical(rail, last, mid - 30);
				lines.append(make("line", { class: "gap", x1: railX - 13, x2: railX + 13, y1: mid - 21, y2: mid - 29 }));
				lines.append(make("line", { class: "gap", x1: railX - 13, x2: railX + 13, y1: mid - 13, y2: mid - 21 }));
				rail = "lost";
			} else if (rail) {
				vertical(rail, last, mid - 12);
			}
			nodes.append(node(n, i, y, width));
			last = mid + 12;
			y += h + 22;
		});
		if (about) vertical("lost", last, last + 30);
		const height = Math.max(y - 12, last + 32);
		svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
		svg.setAttribute("width", width);
		svg.setAttribute("height", height);
		svg.append(lines, nodes);
		return svg;
	};

	// The source beside it.
	const codeLine = (text, no, marks, f) => {
		const kind = marks.length ? f.nodes[marks[0].node].kind : "";
		const dots = make("span", { class: "dots" }), code = make("span");
		for (const m of marks) dots.append(make("span", { class: "dot d-" + f.nodes[m.node].kind, title: f.nodes[m.node].tag || f.nodes[m.node].note }, String(m.node + 1)));
		let at = 0;
		for (const m of marks.filter((m) => m.end > m.start).sort((a, b) => a.start - b.start)) {
			if (m.start < at) continue;
			code.append(text.slice(at, m.start), make("mark", {}, text.slice(m.start, m.end)));
			at = m.end;
		}
		code.append(text.slice(at) + "\n");
		return make("span", { class: kind }, make("span", { class: "no" }, String(no)), dots, code);
	};
	const card = (c, f) => {
		const pre = make("pre", { tabindex: "0", role: "group", "aria-label": "Source of " + c.file });
		c.lines.forEach((text, i) => pre.append(codeLine(text, c.first + i, c.marks.filter((m) => m.line === c.first + i), f)));
		return make("div", { class: "card" }, make("h4", {}, c.file), pre);
	};
	const detail = (f, id) => {
		const d = make("div", { class: "detail", id: id + "-d0", role: "region", "aria-label": f.loss });
		d.append(make("div", {}, draw(f, id)), make("div", { class: "code" }, ...f.cards.map((c) => card(c, f))));
		if (f.seen) d.append(make("p", { class: "seen" }, make("b", {}, "Recorded: "), f.seen + "."));
		if (f.advice) d.append(make("p", { class: "advice" }, make("b", {}, "What to do: "), f.advice + ".", f.fix ? " " : "", f.fix ? make("code", {}, "lostctx -fix") : "", f.fix ? " does it." : ""));
		return d;
	};

	// The rows. What is below a row is drawn when it is opened.
	const rows = data.findings.map((f, i) => {
		const id = "f" + i;
		const button = make("button", { type: "button", "aria-expanded": "false", "aria-controls": id + "-d0" },
			make("span", { class: "check" }, f.check), make("span", { class: "loss" }, f.loss), f.fix ? make("span", { class: "badge" }, "has a fix") : make("span"),
			make("span", { class: "where" }, f.place + (f.function ? " in " + f.function : "")));
		const li = make("li", { id }, make("h3", { class: "row" }, button), make("div", { id: id + "-d0", hidden: "" }));
		button.addEventListener("click", () => toggle(row));
		const row = { f, id, li, button, text: [f.check, f.package, f.place, f.function, f.loss, f.advice, ...f.nodes.map((n) => n.title)].join("\n").toLowerCase() };
		return row;
	});
	const toggle = (row) => {
		const open = row.button.getAttribute("aria-expanded") !== "true";
		row.button.setAttribute("aria-expanded", String(open));
		const below = row.li.lastElementChild;
		if (open && !below.classList.contains("detail")) below.replaceWith(detail(row.f, row.id));
		else below.hidden = !open;
		if (open) below.hidden = false;
	};

	// The filters.
	const filter = () => {
		const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
		let shown = 0;
		for (const r of rows) {
			const hide = byCheck.value && r.f.check !== byCheck.value || byPackage.value && r.f.package !== byPackage.value || !words.every((w) => r.text.includes(w));
			if (r.li.hidden !== Boolean(hide)) r.li.hidden = Boolean(hide);
			shown += hide ? 0 : 1;
		}
		$("count").textContent = `${shown} of ${rows.length} ${plural(rows.length, "finding", "findings")}`;
		$("none").hidden = shown > 0;
		$("none").textContent = rows.length ? "No finding is like that." : "Nothing to report: no trace is cut.";
		for (const b of document.querySelectorAll(".bar")) b.setAttribute("aria-pressed", String(b.select.value === b.value));
	};
	const tally = (key) => {
		const n = new Map();
		for (const f of data.findings) n.set(f[key], (n.get(f[key]) || 0) + 1);
		return [...n].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
	};
	const bars = (into, select, key, title) => {
		const all = tally(key), most = all.length ? all[0][1] : 1;
		for (const [name] of [...all].sort((a, b) => a[0] < b[0] ? -1 : 1)) select.append(make("option", { value: name }, name));
		for (const [name, n] of all) {
			const share = make("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
				make("rect", { class: "full", width: 100, height: 6, rx: 1 }), make("rect", { class: "part", width: 100 * n / most, height: 6, rx: 1 }));
			const b = make("button", { type: "button", class: "bar", value: name, title: title(name) },
				make("span", { class: "name" }, make("bdi", {}, name)), make("span", { class: "n" }, String(n)), share);
			b.select = select;
			b.addEventListener("click", () => { select.value = select.value === name ? "" : name; filter(); });
			into.append(make("li", {}, b));
		}
	};
	const titles = new Map(data.checks.map((c) => [c.name, c.title]));
	bars($("checks"), byCheck, "check", (name) => titles.get(name) || name);
	bars($("packages"), byPackage, "package", (name) => name);
	const fewer = () => {
		const items = [...$("packages").children], more = $("more"), few = 6;
		if (items.length <= few + 1) return;
		const fold = (folded) => {
			items.forEach((li, i) => { li.hidden = folded && i >= few; });
			more.textContent = folded ? `${items.length - few} more` : "fewer";
			more.setAttribute("aria-expanded", String(!folded));
		};
		more.hidden = false;
		more.addEventListener("click", () => fold(more.getAttribute("aria-expanded") === "true"));
		fold(true);
	};
	fewer();

	// Light and dark: as the system says, until somebody chooses.
	const stored = () => { try { return localStorage.getItem("lostctx-theme"); } catch { return null; } };
	const prefersDark = matchMedia("(prefers-color-scheme: dark)");
	const paint = (theme) => {
		document.documentElement.dataset.theme = theme;
		$("theme").setAttribute("aria-pressed", String(theme === "dark"));
	};
	const system = () => paint(stored() || (prefersDark.matches ? "dark" : "light"));
	const flip = () => {
		const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
		try { localStorage.setItem("lostctx-theme", theme); } catch { /* a file may not store anything */ }
		paint(theme);
	};
	prefersDark.addEventListener("change", system);
	$("theme").addEventListener("click", flip);

	// The keyboard.
	const step = (by) => {
		const shown = rows.filter((r) => !r.li.hidden);
		const at = shown.findIndex((r) => r.li.contains(document.activeElement));
		const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by))];
		if (next) {
			next.button.focus();
			next.li.scrollIntoView({ block: "nearest" });
		}
	};
	const help = () => $("help").showModal();
	const keys = { j: () => step(1), k: () => step(-1), "/": () => { search.focus(); search.select(); }, "?": help, t: flip };
	document.addEventListener("keydown", (e) => {
		const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName);
		if (e.key === "Escape" && typing) e.target.blur();
		if (typing || e.ctrlKey || e.metaKey || e.altKey || $("help").open || !keys[e.key]) return;
		e.preventDefault();
		keys[e.key]();
	});
	$("help-open").addEventListener("click", help);
	$("filters").addEventListener("submit", (e) => e.preventDefault());
	$("filters").addEventListener("reset", () => setTimeout(filter));
	for (const el of [search, byCheck, byPackage]) el.addEventListener("input", filter);

	// What was recorded, and the cuts that no finding explains.
	const cuts = (id, title, all) => {
		const el = $(id);
		el.hidden = !all.length;
		el.firstElementChild.textContent = title;
		el.lastElementChild.append(...all.map((c) => make("li", {}, make("p", {}, c.text), make("ul", {}, ...c.lines.map((l) => make("li", {}, l))))));
	};
	if (data.traces) {
		$("traces").hidden = false;
		$("traces-totals").append(...data.traces.totals.flatMap((t) => [t + ".", make("br")]));
		cuts("traces-unknown", "Unexplained: no finding and no rule tells where these are cut", data.traces.unknown);
		cuts("traces-ruled", "Explained by a rule of silence", data.traces.ruled);
		$("traces-unknown").open = true;
	}

	system();
	const lost = data.findings.filter((f) => f.nodes[0].kind !== "note").length;
	$("total").textContent = lost.toLocaleString("en");
	$("total-text").textContent = plural(lost, "trace is cut", "traces are cut");
	list.append(...rows.map((r) => r.li));
	filter();
	if (rows.length) toggle(rows[0]);
})();
