// Passkeys: a form with data-passkey fetches its question there, has the device answer, and sends the answer.
// Such a form and what stands around it stay hidden where the browser has no passkeys (or the host is a number).
(() => {
  "use strict";
  if (!window.PublicKeyCredential || /^[\d.]+$|:/.test(location.hostname)) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const read = (each) => ({ ...each, id: bytes(each.id) });

  const asked = (key) => ({
    ...key,
    challenge: bytes(key.challenge),
    ...(key.user && { user: read(key.user) }),
    ...(key.excludeCredentials && { excludeCredentials: key.excludeCredentials.map(read) }),
    ...(key.allowCredentials && { allowCredentials: key.allowCredentials.map(read) }),
  });

  const answered = (made) => {
    const { response } = made;
    const parts = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) parts[part] = text(response[part]);
    }
    return JSON.stringify({
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      clientExtensionResults: made.getClientExtensionResults(),
      response: parts,
    });
  };

  const ask = async (form) => {
    const reply = await fetch(form.dataset.passkey, { headers: { Accept: "application/json" } });
    if (reply.redirected) return location.reload(); // a code comes first: the page itself leads there
    const { publicKey } = await reply.json();
    const device = navigator.credentials;
    const made = form.dataset.makes
      ? await device.create({ publicKey: asked(publicKey) })
      : await device.get({ publicKey: asked(publicKey) });
    form.elements.credential.value = answered(made);
    form.submit();
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const [button, problem] = [form.querySelector("button"), form.querySelector("[role=alert]")];
    form.closest("section").hidden = form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      button.disabled = true;
      problem.textContent = "";
      ask(form).catch(() => {
        button.disabled = false;
        problem.textContent = form.dataset.failed;
      });
    });
  }
})();
