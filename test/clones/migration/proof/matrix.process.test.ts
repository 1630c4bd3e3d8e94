import { MariaDb, missingMariaDb, startMariaDb } from "../../../support/mariadb-server";
import { describeWith } from "../../../support/requires";
import { missingWordPress } from "../../../support/wordpress";
import { SMALL_HOST } from "./sites";
import { proofs } from "./true-copy";

describeWith(
  missingWordPress() ?? missingMariaDb(),
  "[CLONE-06] a clone is a true copy of its source, in pages, tables, files and values, and doesn't act as it",
  () => {
    const prove = proofs();
    let database: MariaDb;
    beforeAll(async () => (database = await startMariaDb()), 60_000);
    afterAll(() => database.stop(), 60_000);

    it("from SQLite to SQLite, on small hosts", () => prove({ ini: SMALL_HOST }, { ini: SMALL_HOST }), 120_000);
    it("from MariaDB with another prefix to SQLite", () => prove({ database, prefix: "shop7_" }, {}), 120_000);
    it("from SQLite to MariaDB with another prefix", () => prove({}, { database, prefix: "wpx_" }), 120_000);
  },
);
