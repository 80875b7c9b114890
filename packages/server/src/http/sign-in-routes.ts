import { DistError } from "@distd/core";
import { MEMBER_COOKIE } from "../cookies.ts";
import { type Handler, type HttpContext, withProblems } from "./mount.ts";
import { pageOrProblem } from "./read-only.ts";

const SIGN_IN = "/sign-in";
const SIGN_OUT = "/sign-out";
const MAX_FORM_BYTES = 16 * 1024;
/** Pages of this server, and nothing that a browser takes for another's. */
const OWN_PATH = /^\/(?:a\/[\w.~%/-]*)?$/;

/** For people with a token: a form, and a cookie with what they put in. The API takes no cookie, so nobody else's page can act for them. */
export function signInRoutes(context: HttpContext): Record<string, Handler> {
  const { instance, authenticator } = context;
  const isSecure = (): string => (instance.baseUrl.startsWith("https://") ? "; Secure" : "");
  const goTo = (location: string, cookie: string): Response =>
    new Response(null, {
      status: 303,
      headers: {
        location,
        "set-cookie": `${MEMBER_COOKIE}=${cookie}; Path=/; SameSite=Lax; HttpOnly${isSecure()}`,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
      },
    });
  const ownPath = (path: string | null): string => (path !== null && OWN_PATH.test(path) ? path : "/");

  const signIn: Handler = async (request) => {
    const { readVisit, rememberChoice, signInPage } = await import("../pages/index.ts");
    const chosen = rememberChoice(request);
    if (chosen) return chosen;
    const visit = readVisit(request, instance.baseUrl, instance.now());
    if (request.method === "GET" || request.method === "HEAD")
      return signInPage(visit, { to: ownPath(new URL(request.url).searchParams.get("to")), isRefused: false });
    if (request.method !== "POST") return new Response(null, { status: 405, headers: { allow: "GET, HEAD, POST" } });
    const form = await readForm(request);
    const [token, to] = [form.get("token")?.trim() ?? "", ownPath(form.get("to"))];
    try {
      // What the header of a request could not carry is no token.
      if (!/^[\x21-\x7e]{1,500}$/.test(token) || /[;,"\\]/.test(token)) throw new DistError("auth/invalid", "not a token");
      await authenticator.authenticate(`Bearer ${token}`);
      return goTo(to, token);
    } catch (thrown) {
      if (thrown instanceof DistError && thrown.code === "auth/invalid") return signInPage(visit, { to, isRefused: true });
      throw thrown;
    }
  };

  const signOut: Handler = (request) => goTo(ownPath(new URL(request.url).searchParams.get("to")), "; Max-Age=0");
  return {
    [SIGN_IN]: withProblems(context, SIGN_IN, signIn, pageOrProblem(context)),
    [SIGN_OUT]: withProblems(context, SIGN_OUT, signOut, pageOrProblem(context)),
  };
}

async function readForm(request: Request): Promise<URLSearchParams> {
  if (request.headers.get("content-type")?.split(";")[0]?.trim() !== "application/x-www-form-urlencoded")
    throw new DistError("usage/invalid", "the form is sent as application/x-www-form-urlencoded");
  if (Number(request.headers.get("content-length") ?? Number.NaN) > MAX_FORM_BYTES)
    throw new DistError("upload/too-large", `the form has more than ${MAX_FORM_BYTES} bytes`);
  const text = await request.text();
  if (text.length > MAX_FORM_BYTES) throw new DistError("upload/too-large", `the form has more than ${MAX_FORM_BYTES} bytes`);
  return new URLSearchParams(text);
}
