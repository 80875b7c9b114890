import { after, before } from "node:test";
import { tellImageStory } from "../image-story.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { dockerClient } from "./docker.ts";

let daemon: Daemon | undefined;
const docker = dockerClient(() => daemon ?? { address: "" });

if (docker.missing === undefined) {
  before(async () => {
    daemon = await startDaemon();
  });
  after(() => daemon?.stop());
}

tellImageStory(docker);
