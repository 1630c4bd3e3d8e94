import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { eventually } from "../eventually";
import type { Keeper } from "../keeper";
import { containerdShim, ctr, runc } from "../programs/containerd";
import { coredns } from "../programs/coredns";
import type { Startable } from "../programs/program";
import type { Site } from "../site";
import { cniConfiguration } from "./configuration";
import { writeImage } from "./image";
import { dnsImage } from "./dns";
import { pauseImage } from "./pause-image";
import { runTool } from "./tool";

const SCRIPT = join(__dirname, "node.sh");

const CGROUPS = "/sys/fs/cgroup";

/** A command, and who runs it. */
interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * This machine as a node, in namespaces of its own: for processes, mounts, the network and names. Whatever containerd and
 * the kubelet make there, the kernel takes away with the node's first process.
 */
export class RealNode {
  private constructor(
    private readonly site: Site,
    private readonly files: ReadonlyMap<Startable, string>,
    /** First process of the node, by the number that this machine knows it by. */
    private readonly first: number,
  ) {}

  /** Makes the namespaces, and a cable between them and this machine. */
  static async create(keeper: Keeper, site: Site, files: ReadonlyMap<Startable, string>): Promise<RealNode> {
    layOut(site, files);
    const { host, node, pods, services, cable } = site.network;
    const namespaces = ["--mount", "--net", "--uts", "--ipc"];
    keeper.start("node", "unshare", [...namespaces, "bash", SCRIPT, site.path("node"), node, host]);
    // The file is there a moment before its number is.
    const outer = await eventually(() => readFileSync(site.path("run/node"), "utf8").trim() || undefined, {
      what: "the node's process",
    });
    await eventually(() => isElsewhere(outer), { what: "the node's network" });
    runTool("ip", ["link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", outer]);
    runTool("ip", ["address", "add", `${host}/30`, "dev", cable]);
    runTool("ip", ["link", "set", cable, "up"]);
    for (const range of [pods, services]) runTool("ip", ["route", "add", range, "via", node, "dev", cable]);
    writeFileSync(site.path("node/cable"), "");
    await eventually(() => existsSync(site.path("node/up")), { what: "the node's first process" });
    const [first] = readFileSync(`/proc/${outer}/task/${outer}/children`, "utf8").trim().split(" ");
    return new RealNode(site, files, Number(first));
  }

  /** The command that runs another on the node. */
  inside(file: string, args: readonly string[]): Command {
    const target = ["--target", String(this.first), "--mount", "--net", "--pid", "--uts", "--ipc"];
    return { file: "nsenter", args: [...target, "--", file, ...args] };
  }

  /** Brings images in, of archives as `docker save` writes them, and those that the node itself needs. */
  importImages(archives: readonly string[]): void {
    const own = [pauseImage, dnsImage(this.fileOf(coredns))].map((image) => writeImage(this.site.path("node"), image));
    for (const archive of [...own, ...archives]) this.ctr("images", "import", "--digests=false", archive);
  }

  /** Has the kernel end a container's first process, and with it all others. @param id with or without `containerd://` */
  killContainer(id: string): void {
    this.ctr("tasks", "kill", "--signal", "SIGKILL", id.replace(/^.*:\/\//, ""));
  }

  /** Mounts an empty file system of that size, which everybody may write to, for the node alone: it ends with it. Once for a path. */
  mountVolume(path: string, bytes: number): void {
    const image = `${path}.img`;
    if (existsSync(image)) return;
    // Takes nothing of this machine's disk before something is written.
    writeFileSync(image, "");
    truncateSync(image, bytes);
    runTool("mkfs.ext4", ["-q", "-m", "0", image]);
    for (const { file, args } of [
      this.inside("mount", ["-o", "loop,noatime", image, path]),
      this.inside("chmod", ["0777", path]),
    ]) {
      runTool(file, args);
    }
  }

  /** What containerd's command line answers. */
  ctr(...args: readonly string[]): string {
    const socket = ["--address", this.site.path("node/containerd.sock"), "--namespace", "k8s.io"];
    const { file, args: all } = this.inside(this.fileOf(ctr), [...socket, ...args]);
    return runTool(file, all);
  }

  private fileOf(program: Startable): string {
    return this.files.get(program) ?? program.name;
  }
}

function layOut(site: Site, files: ReadonlyMap<Startable, string>): void {
  for (const folder of ["node/cni", "node/volumes", "bin"]) mkdirSync(site.path(folder), { recursive: true });
  writeFileSync(site.path("node/cni/10-pods.conflist"), cniConfiguration(site));
  writeFileSync(site.path("node/resolv.conf"), "");
  for (const program of [runc, containerdShim]) {
    symlinkSync(files.get(program) ?? program.name, site.path(`bin/${program.name}`));
  }
  // The keeper removes what it finds by this name.
  writeFileSync(site.path("cgroup"), site.cgroup);
  for (const hierarchy of hierarchies()) mkdirSync(join(hierarchy, site.cgroup), { recursive: true });
}

/** Roots of the hierarchies of control groups: one of version 2, or one for each controller of version 1. */
function hierarchies(): string[] {
  if (existsSync(join(CGROUPS, "cgroup.controllers"))) return [CGROUPS];
  return readdirSync(CGROUPS)
    .map((name) => join(CGROUPS, name))
    .filter((folder) => existsSync(join(folder, "cgroup.procs")) && !existsSync(join(folder, "cgroup.controllers")));
}

/** Whether a process has left this machine's network already: it changes its namespaces after it has its number. */
function isElsewhere(process: string): boolean {
  const network = (of: string) => readlinkSync(`/proc/${of}/ns/net`);
  return network(process) !== network("self");
}
