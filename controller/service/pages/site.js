// The installation as the controller resolves it, and who may do what with it.

import {facts, h, link, table} from "./dom.js"
import {instant, power, t} from "./words.js"
import {ask, house, load, zone} from "./house.js"

export async function installation(element) {
  const site = house.site = await load("site")
  element.append(h("section", {class: "card"}, h("h2", {}, t("Remarks")),
    site.missing.length ? h("ul", {}, site.missing.map(each => h("li", {}, each))) : h("p", {}, t("Everything is there.")),
    h("p", {class: "soft"}, `${site.file} · HEM ${site.firmware} · ${t("Kept")}: ${site.history} · `, link(t("API"), "api/v1/docs"))), h("p"),
  h("div", {class: "cards"}, site.devices.map(each => h("section", {class: "card"}, h("h2", {}, link(each.name, `#device/${encodeURIComponent(each.name)}`)),
    h("p", {class: "soft why"}, each.model ?? each.printed), facts([
      [t("Row of the list"), `${each.row}, ${t("Protocol")} ${each.protocol}`], [t("What"), t(each.function)],
      [t("Rated power"), each.rated_power ? power(each.rated_power) : t("unknown")], [t("Remark"), each.remark],
      [t("Controlled by"), each.controlled_by.join("; ")], [t("When we fall silent"), each.when_silent]])))))
}

export async function access(element) {
  const shown = h("div"), problem = h("p", {class: "bad", role: "alert"}), told = h("p", {role: "status"})
  const role = id => h("select", {id, name: "role"}, ["read", "operate", "install"].map(each => h("option", {value: each}, t(each))))
  const field = (id, name, type = "text") => h("label", {for: id}, t(name), " ", h("input", {id, name: name.toLowerCase(), type, required: true, autocomplete: "off"}))
  const done = async work => {
    problem.textContent = told.textContent = ""
    try { await work() } catch (refused) { problem.textContent = refused.message }
    await draw()
  }
  const values = form => Object.fromEntries(new FormData(form))
  const user = h("form", {class: "row", submit(event) {
    event.preventDefault()
    const {name, ...body} = values(user)
    done(() => ask("PUT", `users/${encodeURIComponent(name)}`, body))
  }}, field("user-name", "Name"), field("user-password", "Password", "password"), h("label", {for: "user-role"}, t("Role"), " ", role("user-role")), h("button", {}, t("Add")))
  const token = h("form", {class: "row", submit(event) {
    event.preventDefault()
    done(async () => {
      const made = await ask("POST", "tokens", values(token))
      told.textContent = `${t("It is shown only now")}: ${made.token}`
    })
  }}, field("token-name", "Name"), h("label", {for: "token-role"}, t("Role"), " ", role("token-role")), h("button", {}, t("Add")))
  const draw = async () => {
    const [{users, tokens}, changes] = await Promise.all([load("users"), load("audit")])
    const rows = (kind, all) => Object.entries(all).map(([name, its]) => [name, t(its),
      h("button", {type: "button", "aria-label": `${t("Remove")} ${name}`, click: () => done(() => ask("DELETE", `${kind}/${encodeURIComponent(name)}`))}, t("Remove"))])
    shown.replaceChildren(table(t("Users"), [t("Name"), t("Role"), ""], rows("users", users)), table(t("Tokens"), [t("Name"), t("Role"), ""], rows("tokens", tokens)),
      table(t("Changes"), [t("Time"), t("Who"), t("What")], changes.map(each => [instant(each.time, zone()), each.who, each.what])))
  }
  element.append(problem, told, h("section", {class: "card"}, h("h2", {}, t("Users")), user), h("p"), h("section", {class: "card"}, h("h2", {}, t("Tokens")), token), h("p"), h("section", {class: "card"}, shown))
  await draw()
}
