// The way in: the first user by the code of the start, all others by name and password.

import {h} from "./dom.js"
import {t} from "./words.js"
import {ask, house} from "./house.js"

export function enter(done) {
  const first = !house.me.set_up
  const problem = h("p", {class: "bad", role: "alert"})
  const field = (name, label, more) => h("p", {}, h("label", {for: name}, label), h("input", {id: name, name, required: true, ...more}))
  const form = h("form", {class: "card", async submit(event) {
    event.preventDefault()
    problem.textContent = ""
    try {
      await ask("POST", first ? "setup" : "login", Object.fromEntries(new FormData(form)))
      await done()
    } catch (refused) { problem.textContent = refused.message }
  }},
    first ? field("code", t("Code from the start of the program"), {autocomplete: "one-time-code"}) : null,
    field("name", t("Name"), {autocomplete: "username"}),
    field("password", t("Password") + (first ? ` (${t("at least 10 characters")})` : ""),
      {type: "password", autocomplete: first ? "new-password" : "current-password"}),
    problem, h("button", {class: "main"}, t(first ? "Set up" : "Log in")))
  return [h("h1", {}, t(first ? "Set up" : "Log in")), form]
}
