// Passkeys: asks the server what to sign, the browser for a passkey, and sends what it says with
// the form of the button. Where the browser cannot, password and code are there as always.
"use strict";
(() => {
  const able = window.PublicKeyCredential?.parseRequestOptionsFromJSON && PublicKeyCredential.prototype.toJSON;

  document.querySelectorAll("button[data-passkey]").forEach((button) => {
    const form = button.form;
    const field = form.elements[button.dataset.field];
    const say = (name) => form.querySelectorAll("[data-passkey-says]").forEach((words) => {
      words.hidden = words.dataset.passkeySays !== name;
    });
    if (!able) {
      say("unable");
      return;
    }
    button.hidden = false;
    if (button.type === "button") button.addEventListener("click", use);
    else {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        use();
      });
    }

    async function use() {
      say("");
      button.disabled = true;
      try {
        const body = new URLSearchParams({ csrftoken: form.elements.csrftoken.value });
        const asked = await fetch(button.dataset.passkey, { method: "POST", body });
        if (asked.status === 403 && button.dataset.proof) {
          location.assign(button.dataset.proof);
          return;
        }
        if (!asked.ok) throw new Error(asked.statusText);
        field.value = JSON.stringify(await answer(await asked.json(), "makes" in button.dataset));
        form.submit();
      } catch {
        say("failed");
      } finally {
        button.disabled = false;
      }
    }
  });

  function answer(options, makes) {
    return makes
      ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  }
})();
