import { html, raw } from 'hono/html';

/** What `html` makes: text that is escaped already. */
export type Markup = ReturnType<typeof html>;

/** A page for a browser. Nothing is loaded from anywhere, and no script runs. */
export const page = async ({
  title,
  body,
  status = 200,
}: {
  readonly title: string;
  readonly body: Markup;
  readonly status?: number;
}): Promise<Response> => {
  const document = await html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="robots" content="noindex" />
    <title>${title}</title>
    <style>${raw(STYLE)}</style>
  </head>
  <body>
    <main>${body}</main>
    <footer>A sandbox on this machine. No bank is behind this page; enter nothing that is real.</footer>
  </body>
</html>`;
  return new Response(String(document), {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // Forms are answered with a redirect to the product, on another origin: `form-action` would stop it in some browsers.
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    },
  });
};

const STYLE = `
:root { color-scheme: light dark; --ink: #16202b; --soft: #5b6875; --line: #d9e0e6; --card: #fff; --ground: #f3f5f7; --accent: #1f5fbf; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ecf1; --soft: #9aa7b4; --line: #33404d; --card: #18212b; --ground: #0f151c; --accent: #7fb0f5; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 1rem; padding: 1.5rem; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: min(26rem, 100%); background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.75rem; }
h1 { margin: 0 0 .5rem; font-size: 1.3rem; line-height: 1.3; }
p { margin: .5rem 0 1rem; color: var(--soft); }
main > :last-child { margin-bottom: 0; }
fieldset { border: 0; margin: 0; padding: 0; display: grid; gap: .5rem; }
legend { padding: 0; margin-bottom: .5rem; font-weight: 600; }
.choice { display: flex; gap: .6rem; align-items: center; border: 1px solid var(--line); border-radius: 8px; padding: .6rem .75rem; }
.actions { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; margin-top: 1.25rem; }
.actions > :only-child { grid-column: 1 / -1; }
.choice > button { margin-left: auto; }
button { font: inherit; font-weight: 600; padding: .65rem 1rem; border-radius: 8px; border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--card); }
button:focus-visible, input:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 1rem 0; font-size: .9rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { width: min(26rem, 100%); color: var(--soft); font-size: .8rem; text-align: center; }
`;
