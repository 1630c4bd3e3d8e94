import { kubernetesProgram } from "./kubernetes";

/** For people who play with a cluster, and for tests of what the documentation tells them to type. */
export const kubectl = kubernetesProgram("kubectl", 1, { versionArgs: ["version", "--client"] });
