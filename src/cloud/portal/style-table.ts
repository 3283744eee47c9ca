/**
 * The page's style and its one script: served as files of their own, so that the page may forbid any
 * other.
 */
export const style = `
:root {
	color-scheme: light dark;
	--ground: light-dark(#efebe3, #0e1519);
	--panel: light-dark(#fbf9f4, #162127);
	--line: light-dark(#e3ded2, #2b3b44);
	--ink: light-dark(#16212b, #e8ecec);
	--soft: light-dark(#5d6973, #93a2aa);
	--jade: light-dark(#0e7c66, #4fc7a6);
	--jade-soft: light-dark(#ddf0ea, #173b34);
	--amber: light-dark(#9a5b00, #e9a94b);
	--amber-soft: light-dark(#fcefd6, #3d2f16);
	--red: light-dark(#b3261e, #f08b83);
	--red-soft: light-dark(#f9dedc, #43211f);
}
* { box-sizing: border-box; }
html {
	background: var(--ground);
	color: var(--ink);
	font: 400 14px / 1.5 "Noto Sans SC", "Noto Sans TC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif;
}
body { margin: 0 auto; max-width: 1080px; padding: 0 24px 32px; }
header { align-items: center; display: flex; gap: 16px; min-height: 56px; }
h1 { font-size: 22px; font-weight: 700; line-height: 1; margin: 0; }
header p { color: var(--soft); flex: 1; margin: 0; }
nav { display: flex; gap: 4px; }
nav a { border-radius: 6px; color: var(--soft); padding: 4px 8px; text-decoration: none; }
nav a:hover { background: var(--line); color: var(--ink); }
nav a[aria-current] { color: var(--ink); font-weight: 700; }
a:focus-visible { outline: 2px solid var(--jade); outline-offset: 2px; }
section {
	background: var(--panel);
	border: 1px solid var(--line);
	border-radius: 12px;
	margin: 0 0 20px;
	padding: 18px 20px 10px;
}
.head { display: flex; flex-wrap: wrap; gap: 8px 32px; justify-content: space-between; margin-bottom: 12px; }
h2 { font-size: 18px; font-weight: 700; line-height: 1.3; margin: 0; }
.facts {
	color: var(--soft);
	display: flex;
	flex-wrap: wrap;
	gap: 2px 16px;
	list-style: none;
	margin: 4px 0 0;
	padding: 0;
}
.facts svg { margin-right: 5px; vertical-align: -1px; }
.online { color: var(--jade); }
.offline { color: var(--red); }
.behind { color: var(--amber); }
.sum { text-align: right; }
.sum strong { display: block; font-size: 30px; font-weight: 700; line-height: 1.1; }
.sum small, .yen { color: var(--soft); }
.yen { font-size: .7em; font-weight: 400; margin-right: 1px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 640px; width: 100%; }
th { color: var(--soft); font-size: 12px; font-weight: 500; text-align: left; }
th, td { border-bottom: 1px solid var(--line); padding: 8px 16px 8px 0; white-space: nowrap; }
tbody tr:last-child td { border-bottom: 0; }
th:last-child, td:last-child { padding-right: 0; text-align: right; }
td:last-child { font-size: 16px; font-weight: 500; }
td small { color: var(--soft); font-size: 12px; margin-left: 6px; }
.not td:last-child { color: var(--soft); font-weight: 400; text-decoration: line-through; }
.state {
	border-radius: 12px;
	display: inline-flex;
	align-items: center;
	gap: 6px;
	padding: 1px 10px 1px 6px;
}
.approved { background: var(--jade-soft); color: var(--jade); }
.unresolved { background: var(--amber-soft); color: var(--amber); font-weight: 700; }
.declined { background: var(--red-soft); color: var(--red); }
.reversed { background: var(--line); color: var(--ink); }
.empty { color: var(--soft); margin: 4px 0 12px; }
.alarms { background: var(--amber-soft); border-color: var(--amber); }
.alarms ul { list-style: none; margin: 8px 0 8px; padding: 0; }
.alarms li { padding: 3px 0; }
.alarms small { color: var(--soft); margin-left: 8px; }
#lost {
	background: var(--red-soft);
	border-radius: 10px;
	color: var(--red);
	margin: 0 0 16px;
	padding: 8px 16px;
}
[hidden] { display: none; }
`;

export const script = `
const main = document.querySelector("main");
const lost = document.querySelector("#lost");
let looking = false;
let again = false;
const look = async () => {
	if (looking) {
		again = true;
		return;
	}
	looking = true;
	try {
		const text = await (await fetch(location.href, { cache: "no-store" })).text();
		main.innerHTML = new DOMParser().parseFromString(text, "text/html").querySelector("main").innerHTML;
		lost.hidden = true;
	} catch {
		lost.hidden = false;
	}
	looking = false;
	if (again) {
		again = false;
		look();
	}
};
const events = new EventSource("/events");
events.onmessage = look;
events.onopen = look;
events.onerror = () => {
	lost.hidden = false;
};
`;
