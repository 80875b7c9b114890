import { DELIVERED_ROLES, HOST_INSTALLED_FORMATS, type Platform } from "@distd/core";
import type { ArtifactView } from "../delivery/page-views.ts";

const ON_PHONES: ReadonlySet<Platform> = new Set(["android", "ios"]);

export interface CommandLine {
  /** The tool. */
  readonly tool: string;
  readonly text: string;
}

/** Lines to copy: for what is there, through feeds that exist. `isPublic`: they are in everybody's repository. */
export function commandLines(
  first: ArtifactView | undefined,
  artifacts: readonly ArtifactView[],
  {
    baseUrl,
    slug,
    channel,
    isPublic,
  }: { readonly baseUrl: string; readonly slug: string; readonly channel: string; readonly isPublic: boolean },
): readonly CommandLine[] {
  const has = (format: string): boolean => artifacts.some(({ row }) => row.format === format);
  const nameOf = (format: string): string | undefined => artifacts.find(({ row }) => row.format === format)?.facts?.identifier;
  const { host } = new URL(baseUrl);
  const repository = isPublic ? "main" : slug;
  const isForHosts = artifacts.some(
    ({ row }) => HOST_INSTALLED_FORMATS.has(row.format) && DELIVERED_ROLES.has(row.role) && !ON_PHONES.has(row.platform),
  );
  const lines: (CommandLine | undefined)[] = [
    isForHosts ? { tool: "dist", text: `dist install ${slug}@${channel} --server ${baseUrl}` } : undefined,
    first?.row.link === null && first.addresses.download !== undefined
      ? { tool: "curl", text: `curl -fLO ${first.addresses.download}` }
      : undefined,
    has("deb") && nameOf("deb") !== undefined
      ? {
          tool: "apt",
          text: `curl -fsS ${baseUrl}/apt/${repository}/${channel}.sources | sudo tee /etc/apt/sources.list.d/${slug}.sources\nsudo apt update && sudo apt install ${nameOf("deb")}`,
        }
      : undefined,
    has("npm") && nameOf("npm") !== undefined
      ? { tool: "npm", text: `npm install ${nameOf("npm")}@${channel} --registry ${baseUrl}/npm/${repository}/` }
      : undefined,
    has("wheel") && nameOf("wheel") !== undefined
      ? { tool: "pip", text: `pip install --index-url ${baseUrl}/pypi/${repository}/${channel}/simple/ ${nameOf("wheel")}` }
      : undefined,
    isForHosts ? { tool: "mise", text: `mise use "github:${repository}/${slug}[api_url=${baseUrl}/api/v3]"` } : undefined,
    // It speaks nothing but https.
    isForHosts && baseUrl.startsWith("https:")
      ? {
          tool: "gh",
          text: `GH_HOST=${host} GH_ENTERPRISE_TOKEN=${isPublic ? "none" : '"$DIST_TOKEN"'} gh release download --pattern '*' --repo ${repository}/${slug}`,
        }
      : undefined,
    has("oci") ? { tool: "docker", text: `docker pull ${host}/${slug}:${channel}` } : undefined,
  ];
  return lines.flatMap((line) => line ?? []);
}
