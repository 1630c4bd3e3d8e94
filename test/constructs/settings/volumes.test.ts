import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readReviewedClaims, shrunkVolumes } from "../../../constructs/settings/volumes";
import { loomworksSettings } from "../../support/loomworks";

const reviewed = [{ namespace: "loomworks", name: "postgres-data", size: "50Gi" }];
const settingsWith = (dataVolume: string) => loomworksSettings({ postgres: { dataVolume } });

describe("[LOOM-01] a volume that exists", () => {
  it("can't become smaller", () => {
    expect(shrunkVolumes(settingsWith("49Gi"), "loomworks", reviewed)).toEqual([
      expect.objectContaining({ code: "VOLUME_SHRINKS", path: "loomworks.postgres.dataVolume", value: "49Gi" }),
    ]);
  });

  it.each(["50Gi", "51200Mi", "1Ti"])("can stay or grow: %s", (size) => {
    expect(shrunkVolumes(settingsWith(size), "loomworks", reviewed)).toEqual([]);
  });

  it("doesn't bind an installation in another namespace", () => {
    const other = { ...settingsWith("1Gi"), namespace: "acme" };
    expect(shrunkVolumes(other, "acme", reviewed)).toEqual([]);
  });
});

describe("[LOOM-01] the reviewed claims", () => {
  it("are read from the manifests of the stack", () => {
    const folder = mkdtempSync(join(tmpdir(), "loomworks-"));
    mkdirSync(join(folder, "deeper"));
    const claim = {
      kind: "PersistentVolumeClaim",
      metadata: { name: "a", namespace: "n" },
      spec: { resources: { requests: { storage: "1Gi" } } },
    };
    writeFileSync(join(folder, "x.k8s.yaml"), `---\nkind: Service\n---\n${JSON.stringify(claim)}\n`);
    expect(readReviewedClaims(folder)).toEqual([{ namespace: "n", name: "a", size: "1Gi" }]);
    rmSync(folder, { recursive: true });
  });

  it("are none where nothing was synthesized yet", () => {
    expect(readReviewedClaims("/nowhere")).toEqual([]);
  });
});
