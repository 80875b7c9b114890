/** @jsxImportSource hono/jsx */
import { pageResponse } from "./frame.tsx";
import type { Visit } from "./visit.ts";

/** Where somebody who has a token shows it. `to`: path of the page that asked for it. */
export function signInPage(visit: Visit, { to, isRefused }: { readonly to: string; readonly isRefused: boolean }): Response {
  const { words } = visit;
  const { title, text, token, button, refused } = words.signIn;
  return pageResponse(
    visit,
    { title, status: isRefused ? 401 : 200 },
    <>
      <h1>{title}</h1>
      <form class="act" method="post" action="/sign-in">
        <p>{text}</p>
        {isRefused && <p class="note bad">{refused}</p>}
        <input type="hidden" name="to" value={to} />
        <label>
          {token}
          <input type="password" name="token" autocomplete="current-password" required />
        </label>
        <button class="button" type="submit">
          {button}
        </button>
      </form>
    </>,
  );
}
