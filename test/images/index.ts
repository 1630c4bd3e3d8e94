/** Every image of the story, as files that a real node takes without a registry. */
export { storyImages } from "./names";
export { provideImages } from "./provide";
export type { ProvidedImage } from "./provide";
