/** @jsxImportSource hono/jsx */
import { createHash } from "node:crypto";
import type { Child } from "hono/jsx";
import { DEVICE_CHOICES, type DeviceChoice } from "./device/device.ts";
import { styles } from "./styles.ts";
import { type Visit, VISIT_HEADERS } from "./visit.ts";
import { LANGUAGES, type Words } from "./words/index.ts";

const styleHash = createHash("sha256").update(styles).digest("base64");
const POLICY = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

export interface PageOptions {
  readonly title: string;
  /** One sentence for whoever gets a pasted link. */
  readonly description?: string;
  /** Path of a PNG. */
  readonly image?: string | undefined;
  readonly status?: number;
  /** Only what everybody may find is for search engines. */
  readonly isListed?: boolean;
}

/** A whole page. `body` is rendered JSX, whose texts are escaped. */
export function pageResponse(
  visit: Visit,
  { title, description, image, status = 200, isListed = false }: PageOptions,
  body: Child,
): Response {
  const { words, baseUrl, path } = visit;
  const address = `${baseUrl}${path}`;
  const document: { toString(): string } = (
    <html lang={words.language} dir={words.direction}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        {description !== undefined && <meta name="description" content={description} />}
        {!isListed && <meta name="robots" content="noindex" />}
        <meta property="og:title" content={title} />
        <meta property="og:url" content={address} />
        <meta property="og:type" content="website" />
        {description !== undefined && <meta property="og:description" content={description} />}
        {image !== undefined && <meta property="og:image" content={`${baseUrl}${image}`} />}
        {image !== undefined && <link rel="icon" type="image/png" href={image} />}
        {/* oxlint-disable-next-line react/no-danger -- our own, whole: its digest is in the policy */}
        <style dangerouslySetInnerHTML={{ __html: styles }} />
      </head>
      <body>
        <main>{body}</main>
        <Foot visit={visit} />
      </body>
    </html>
  );
  return new Response(`<!doctype html>${document.toString()}`, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy": POLICY,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      ...VISIT_HEADERS,
    },
  });
}

function Foot({ visit }: { readonly visit: Visit }) {
  const { words, device, path } = visit;
  return (
    <footer>
      <details class="choose">
        <summary>{words.notThisDevice}</summary>
        <ul>
          {DEVICE_CHOICES.map((choice) => (
            <li>
              <a href={`${path}?device=${choice}`} aria-current={isCurrent(choice, visit) ? "true" : undefined} rel="nofollow">
                {deviceName(choice, words)}
              </a>
            </li>
          ))}
        </ul>
      </details>
      <nav aria-label={words.chooseLanguage}>
        <ul class="languages">
          {LANGUAGES.map(({ language, name }) => (
            <li>
              <a
                href={`${path}?lang=${language}`}
                lang={language}
                hreflang={language}
                rel="nofollow"
                aria-current={language === words.language ? "true" : undefined}
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p class="muted">
        {words.poweredBy}
        {visit.isSignedIn && (
          <>
            {" · "}
            <a href={`/sign-out?to=${encodeURIComponent(path)}`}>{words.signIn.out}</a>
          </>
        )}
        {device.isChosen && device.platform !== undefined && ` · ${words.yourDevice}: ${words.platforms[device.platform]}`}
      </p>
    </footer>
  );
}

function isCurrent(choice: DeviceChoice, { device: { platform, arch } }: Visit): boolean {
  const [ownPlatform, ownArch] = choice.split("-");
  return ownPlatform === platform && (ownArch === undefined || ownArch === arch);
}

function deviceName(choice: DeviceChoice, { platforms, chip }: Words): string {
  const [platform, arch] = choice.split("-") as [keyof Words["platforms"], "arm64" | "x64" | undefined];
  if (arch === undefined) return platforms[platform];
  return `${platforms[platform]}, ${platform === "macos" ? chip[arch] : arch === "x64" ? "x64" : "ARM64"}`;
}
