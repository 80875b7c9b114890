import { tellImageStory } from "../image-story.ts";
import { podman } from "./podman.ts";

tellImageStory(podman);
