import { missingStorageClasses } from "./storage-classes";

const claim = (storageClassName: string) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: storageClassName },
  spec: { storageClassName },
});
const existing = (name: string, annotations: Record<string, string> = {}) => ({
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name, annotations },
  provisioner: `${name}.example.com`,
});

describe("Missing StorageClasses", () => {
  it("are those that claims name, also within a StatefulSet's templates, each once", () => {
    const set = { ...claim("x"), kind: "StatefulSet", spec: { volumeClaimTemplates: [claim("gp3")] } };
    const made = missingStorageClasses([claim("gp3"), claim("efs"), set], []);
    expect(made.map(({ metadata }) => metadata.name)).toEqual(["efs", "gp3"]);
  });

  it("leave out what the cluster has", () => {
    expect(missingStorageClasses([claim("gp3")], [existing("gp3")])).toEqual([]);
  });

  it("are served by whoever serves the cluster's default class", () => {
    const standard = existing("standard", { "storageclass.kubernetes.io/is-default-class": "true" });
    const [made] = missingStorageClasses([claim("efs")], [existing("slow"), standard]);
    expect(made?.provisioner).toBe("standard.example.com");
  });
});
