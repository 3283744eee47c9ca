/** Builds elements: node("b.strong", { title: "…" }, "text", child). */
export function node(name, attributes = {}, ...children) {
	const [tag, ...classes] = name.split(".");
	const made = document.createElement(tag || "div");
	if (classes.length > 0) made.className = classes.join(" ");
	for (const [key, value] of Object.entries(attributes)) {
		if (key === "click") made.addEventListener("click", value);
		else if (key.startsWith("--")) made.style.setProperty(key, value);
		else if (value === true) made.setAttribute(key, "");
		else if (value !== false && value !== undefined) made.setAttribute(key, value);
	}
	made.append(...children.filter((child) => child !== undefined && child !== ""));
	return made;
}
export const at = (id) => document.getElementById(id);
