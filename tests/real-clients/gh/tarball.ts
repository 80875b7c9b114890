import { FEEDS } from "@distd/feeds";
import { gzipStored, writeTar } from "../../../fixtures/formats/make/tar-writer.ts";
import { type Make, type MadePackage, NAME } from "../packages.ts";

/** A program as people put it on a release page: an archive whose name says the machine. The program prints its version. */
export function makeTarball({ name = NAME, version }: Make, platform = "linux_amd64"): MadePackage {
  const program = Buffer.from(`#!/bin/sh\necho ${version}\n`);
  const bytes = gzipStored(writeTar([{ path: name, data: program, mode: 0o755 }]));
  return { file: `${name}_${version}_${platform}.tar.gz`, bytes, program };
}

/** What the page tells people to type, with an app for APP. */
export function githubLines(url: string, repository: string, isOpen: boolean): readonly string[] {
  const feed = FEEDS.find(({ id }) => id === "github");
  const lines = feed?.lines({ address: `${url}/github/${repository}`, repository, channel: "", isOpen }) ?? [];
  return lines.map((line) => line.replaceAll("/APP", `/${NAME}`));
}
