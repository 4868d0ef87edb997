// Elements without a framework: what the house says is always text, never markup.

const SVG = "http://www.w3.org/2000/svg"

// An element with attributes (functions are listeners) and children; null children are left out.
export function h(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  return fill(made, attributes, children)
}

export function s(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children)
}

function fill(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value)
    else if (value === true) made.setAttribute(key, "")
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value)
  }
  made.append(...children.flat(3).filter(each => each !== null && each !== undefined && each !== ""))
  return made
}

export function table(caption, heads, rows, numbers = []) {
  const kind = place => numbers.includes(place) ? {class: "number"} : {}
  return h("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption}, h("table", {}, h("caption", {}, caption),
    h("thead", {}, h("tr", {}, heads.map((each, place) => h("th", {scope: "col", ...kind(place)}, each)))),
    h("tbody", {}, rows.map(row => h("tr", {}, row.map((each, place) => h("td", kind(place), each)))))))
}

export function facts(pairs) {
  return h("dl", {}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]))
}

export function link(text, to) {
  return h("a", {href: to}, text)
}
