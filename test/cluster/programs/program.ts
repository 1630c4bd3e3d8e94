import type { Site } from "../site";

/** How a program comes from Go modules. */
export interface GoSource {
  /** Module path, and a version of it with its leading `v`. */
  readonly module: string;
  readonly version: string;
  /** Import path of the `main` package, `.` if it is {@link main}. */
  readonly package: string;
  /** Text of a `main` package, for a module that lets its users choose what is built in. */
  readonly main?: string;
  /** `replace` lines of the build's go.mod: module to version of the same module. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Values of string variables, set by the linker: `import/path.name` to value. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Build tags. */
  readonly tags?: readonly string[];
  /** Whether it needs no library of this machine: an image has nothing else. @default false */
  readonly static?: boolean;
  /** Files that its makers generate before they build and don't publish: by path in the module, what stands in for them. */
  readonly generated?: Readonly<Record<string, string>>;
  /** Builds a copy as the main module: its own go.sum holds, and what its go.mod replaces and excludes; and then these. */
  readonly asMain?: {
    /** Module to what stands in for it, as `go mod edit -replace` writes it. */
    readonly replace: Readonly<Record<string, string>>;
    /** By module, files of its that are given by other text: to leave out what costs a build much and a test nothing. */
    readonly rewrite: Readonly<Record<string, Readonly<Record<string, string>>>>;
  };
  /** Folders of the module that are kept beside the program, by the name they get. */
  readonly assets?: Readonly<Record<string, string>>;
}

/** What a cluster starts, wherever it comes from. */
export interface Startable {
  /** Name of its file. */
  readonly name: string;
  /** How it runs; absent for a tool. */
  readonly run?: ProgramRun;
}

/** One program of a cluster: how it is had, and how it is started. */
export interface Program extends Startable {
  /** Without a leading `v`. */
  readonly version: string;
  readonly source: GoSource;
  /** Minutes that a build from nothing takes on two cores; told to whoever waits. */
  readonly minutes: number;
  /** Arguments that print its version; only programs that have them are looked for outside the cache. */
  readonly versionArgs?: readonly string[];
}

/** How a program runs in one cluster. */
export interface ProgramRun {
  /** Whether it runs on the real node, in its namespaces, instead of beside the control plane. */
  readonly onNode?: boolean;
  /** Names of the ports it listens on: `site.port(name)` gives the free one it got. */
  readonly ports?: readonly string[];
  /** Groups of the user of its own name that its kubeconfig logs in as; absent if it never asks the API server. */
  readonly groups?: readonly string[];
  /** Lays out the files that its arguments name. Asked before each start. */
  prepare?(site: Site): void;
  args(site: Site): readonly string[];
  env?(site: Site): Readonly<Record<string, string>>;
  /** Asked again and again until it says yes; absent if others notice by themselves. */
  ready?(site: Site): Promise<boolean>;
}
