import { findImageTool, ImageTool, IMAGE_TOOLS } from "../../../clones/image/tool";

const BUILD = { file: "/p/Dockerfile", context: "/p", tags: ["a:1", "b:2"] };

describe("The tool that builds images", () => {
  /** A machine on which these commands work, and no others. */
  const on =
    (...working: readonly string[]) =>
    (program: string, args: readonly string[]) =>
      working.includes([program, ...args].join(" "));

  it.each([
    ["docker, if its daemon answers", ["docker info", "podman info", "buildah info"], "docker"],
    ["podman, where Docker's client has no daemon", ["docker --version", "podman info", "buildah info"], "podman"],
    ["buildah, where there is nothing else", ["buildah info", "buildah --storage-driver vfs info"], "buildah"],
  ])("is %s", (_, working, name) => {
    const tool = findImageTool(on(...working));
    expect(tool.name).toBe(name);
    expect(tool.pull("a:1")).toEqual(["pull", "--quiet", "a:1"]);
  });

  it("is told to copy layers where they can't lie over each other", () => {
    const tool = findImageTool(on("buildah --storage-driver vfs info"));
    expect(tool.pull("a:1").slice(0, 2)).toEqual(["--storage-driver", "vfs"]);
    expect(tool.build(BUILD).slice(0, 3)).toEqual(["--storage-driver", "vfs", "bud"]);
  });

  it("is asked for by a code where there is none", () => {
    expect(() => findImageTool(on("docker --version"))).toThrow(
      /^IMAGE_TOOL_MISSING docker, podman, buildah: got "none"/,
    );
  });
});

describe.each(IMAGE_TOOLS)("A build by %s", (name) => {
  const tool = new ImageTool(name);

  it("gets all arguments, secrets and names, and its context last", () => {
    const args = tool.build({ ...BUILD, args: { X: "1 2" }, secrets: { npmrc: "/home/me/.npmrc" } });
    const line = args.join("\n");
    expect(line).toContain("--build-arg\nX=1 2\n--secret\nid=npmrc,src=/home/me/.npmrc\n--tag\na:1\n--tag\nb:2\n/p");
    expect(args.at(-1)).toBe("/p");
  });

  it("asks no registry for bases that are here alone", () => {
    const flags = tool.build({ ...BUILD, basesAreHere: true }).filter((arg) => arg.startsWith("--pull"));
    expect(flags).toEqual({ docker: [], podman: ["--pull=never"], buildah: ["--pull-never"] }[name]);
    expect(tool.build(BUILD).filter((arg) => arg.startsWith("--pull"))).toEqual([]);
  });

  it("ends in an archive that has the image's name, from which it can be taken again", () => {
    expect(tool.save("a:1", "/x.tar").join(" ")).toMatch(/^(save|push) .*a:1/);
    expect(tool.save("a:1", "/x.tar").join(" ")).toContain("/x.tar");
    expect(tool.load("/x.tar").at(-1)).toMatch(/(^|docker-archive:)\/x\.tar$/);
  });
});
