import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { DistError } from "../errors/dist-error.ts";
import { sha256 } from "../digest/sha256.ts";
import { renderCoordinate } from "./coordinate.ts";
import { contentIdentity, type Entry, entryContent, planPublish, type PublishedRevision, type ReleaseKey } from "./release.ts";

const KEY: ReleaseKey = { app: "notes", version: "1.4.0", build: "7" };

function entry(platform: Entry["platform"], arch: Entry["arch"], content: string): Entry {
  const coordinate = { platform, arch, format: "zip", variant: "", role: "install" } as const;
  return content.startsWith("https:") ? { ...coordinate, link: content } : { ...coordinate, digest: sha256(content) };
}

const apk = entry("android", "any", "apk");
const ipa = entry("ios", "arm64", "ipa");
const mac = entry("macos", "arm64", "mac");

/** Publishes drafts one after another, as the server does. */
function publishAll(drafts: readonly (readonly Entry[])[]): PublishedRevision<Entry>[] {
  const revisions: PublishedRevision<Entry>[] = [];
  for (const draft of drafts) {
    const plan = planPublish(KEY, draft, revisions);
    if (plan.kind === "same") continue;
    const { revision, identity } = plan;
    revisions.push({ id: `rel_${revision}`, revision, identity, entries: [...plan.kept, ...plan.added] });
  }
  return revisions;
}

const coordinates = fc.record({
  platform: fc.constantFrom("android" as const, "linux" as const),
  arch: fc.constantFrom("x64" as const, "arm64" as const, "any" as const),
  format: fc.constantFrom("zip", "deb"),
  variant: fc.constantFrom("", "musl"),
  role: fc.constantFrom("install" as const, "symbols" as const),
});
/** Entries at different coordinates; the content follows from the coordinate, so that drafts agree with each other. */
const draft = fc
  .uniqueArray(coordinates, { minLength: 1, maxLength: 8, selector: renderCoordinate })
  .map((list): Entry[] => list.map((coordinate) => ({ ...coordinate, digest: sha256(renderCoordinate(coordinate)) })));
const contents = (entries: readonly Entry[]) => entries.map((e) => `${renderCoordinate(e)} ${entryContent(e)}`).sort();

describe("content identity", () => {
  it("is the SHA-256 of the canonical JSON of key and entries", () => {
    const text = `{"app":"notes","build":"7","entries":[{"content":"sha256:${sha256("apk")}","coordinate":"android/any/zip//install"}],"version":"1.4.0"}`;
    assert.equal(contentIdentity(KEY, [apk]), sha256(text));
  });

  it("does not depend on the order of the entries, nor on anything beside coordinate and content", () => {
    fc.assert(
      fc.property(draft, fc.nat(), (entries, cut) => {
        const at = cut % entries.length;
        const turned = [...entries.slice(at), ...entries.slice(0, at)].map((one) => ({ ...one, name: "other", notes: String(cut) }));
        assert.equal(contentIdentity(KEY, turned), contentIdentity(KEY, entries));
      }),
    );
  });

  it("changes with each part of the key, of a coordinate, and of the content", () => {
    const all = [
      contentIdentity(KEY, [apk]),
      contentIdentity({ ...KEY, app: "other" }, [apk]),
      contentIdentity({ ...KEY, version: "1.4.1" }, [apk]),
      contentIdentity({ ...KEY, build: "" }, [apk]),
      contentIdentity(KEY, []),
      contentIdentity(KEY, [apk, ipa]),
      ...[
        { platform: "ios" },
        { arch: "x64" },
        { format: "apk" },
        { variant: "musl" },
        { role: "update" },
        { digest: sha256("other") },
      ].map((change) => contentIdentity(KEY, [{ ...apk, ...change } as Entry])),
      contentIdentity(KEY, [entry("android", "any", "https://example.com/a")]),
      contentIdentity(KEY, [entry("android", "any", "https://example.com/b")]),
    ];
    assert.equal(new Set(all).size, all.length);
  });
});

describe("planPublish", () => {
  it("makes the first revision of what is new", () => {
    const identity = contentIdentity(KEY, [apk]);
    assert.deepEqual(planPublish(KEY, [apk], []), { kind: "new", revision: 1, identity, kept: [], added: [apk] });
  });

  it("makes the next revision, with everything there was, of a new coordinate", () => {
    const [first] = publishAll([[apk]]);
    assert.ok(first);
    const plan = planPublish(KEY, [ipa], [first]);
    assert.deepEqual(plan, { kind: "new", revision: 2, identity: contentIdentity(KEY, [apk, ipa]), kept: [apk], added: [ipa] });
  });

  it("finds any earlier revision again by its content, the latest by a part of it", () => {
    const revisions = publishAll([[apk], [ipa], [mac]]);
    const same = (entries: Entry[]) => planPublish(KEY, entries, revisions.toReversed());
    assert.deepEqual(same([apk]), { kind: "same", id: "rel_1" });
    assert.deepEqual(same([ipa, apk]), { kind: "same", id: "rel_2" });
    assert.deepEqual(same([mac]), { kind: "same", id: "rel_3" });
    assert.deepEqual(same([apk, mac]), { kind: "same", id: "rel_3" });
  });

  it("refuses other content at a coordinate, and names the release and both contents", () => {
    const revisions = publishAll([[apk], [ipa]]);
    for (const content of ["tampered", "https://example.com/app"]) {
      const offered = entry("android", "any", content);
      assert.throws(() => planPublish(KEY, [mac, offered], revisions), {
        code: "release/conflict",
        message: "1.4.0 (7) already has other content at android/any/zip//install, in release rel_2",
        details: {
          release: "rel_2",
          coordinate: "android/any/zip//install",
          published: entryContent(apk),
          offered: entryContent(offered),
        },
      });
    }
  });

  it("is the same for a draft that was just published, in any order", () => {
    fc.assert(
      fc.property(fc.array(draft, { minLength: 1, maxLength: 4 }), (drafts) => {
        const revisions = publishAll(drafts);
        for (const one of drafts) assert.equal(planPublish(KEY, one.toReversed(), revisions).kind, "same");
      }),
    );
  });

  it("loses no entry: each revision holds the earlier one and its draft, and has their identity", () => {
    fc.assert(
      fc.property(fc.array(draft, { minLength: 1, maxLength: 4 }), (drafts) => {
        const revisions = publishAll(drafts);
        assert.deepEqual(
          revisions.map(({ revision }) => revision),
          revisions.map((_, index) => index + 1),
        );
        for (const [index, { entries, identity }] of revisions.entries()) {
          const earlier = new Set(contents(revisions[index - 1]?.entries ?? []));
          assert.ok(earlier.isSubsetOf(new Set(contents(entries))) && earlier.size < entries.length);
          assert.equal(identity, contentIdentity(KEY, entries));
        }
        assert.deepEqual(new Set(contents(revisions.at(-1)?.entries ?? [])), new Set(contents(drafts.flat())));
      }),
    );
  });

  it("comes to the same content whatever the order of the jobs", () => {
    fc.assert(
      fc.property(fc.array(draft, { minLength: 2, maxLength: 4 }), (drafts) => {
        assert.equal(publishAll(drafts).at(-1)?.identity, publishAll(drafts.toReversed()).at(-1)?.identity);
      }),
    );
  });

  it("refuses every change of one published content", () => {
    fc.assert(
      fc.property(draft, draft, fc.nat(), (published, other, pick) => {
        const revisions = publishAll([published]);
        const victim = published[pick % published.length] as Entry;
        const rest = other.filter((one) => renderCoordinate(one) !== renderCoordinate(victim));
        const changed = [...rest, { ...victim, digest: sha256("changed") }];
        assert.throws(
          () => planPublish(KEY, changed, revisions),
          (error) => error instanceof DistError && error.code === "release/conflict",
        );
      }),
    );
  });
});
