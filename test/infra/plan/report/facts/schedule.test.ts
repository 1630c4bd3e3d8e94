import { scheduleText } from "../../../../../infra/plan/report/facts/schedule";

describe("[LOOM-14] a schedule in plain words", () => {
  it.each([
    ["0 2 * * *", "every day at 02:00 UTC"],
    ["30 1 * * *", "every day at 01:30 UTC"],
    ["@daily", "every day at 00:00 UTC"],
    ["0 4 * * 0", "every Sunday at 04:00 UTC"],
    ["0 4 * * 7", "every Sunday at 04:00 UTC"],
    ["15 3 * * MON,thu", "every Monday and Thursday at 03:15 UTC"],
    ["0 6,18 * * 1-5", "Monday to Friday at 06:00 and 18:00 UTC"],
    ["0 5 1 * *", "on day 1 of every month at 05:00 UTC"],
    ["*/5 * * * *", "every 5 minutes UTC"],
    ["7 * * * *", "every hour at :07 UTC"],
    ["0 */6 * * *", "every 6 hours at :00 UTC"],
    ["*/10 * * * 6", "every 10 minutes, every Saturday, UTC"],
  ])("reads %j as %j", (line, words) => {
    expect(scheduleText(line, "Etc/UTC")).toBe(words);
  });

  it.each(["0 2 13 * 5", "0 2 * 1 *", "1-5 2 * * *", "0 2 * * 8", "0 2 * * *  *", "nonsense"])(
    "gives %j as it is, rather than words that could be wrong",
    (line) => {
      expect(scheduleText(line, "Etc/UTC")).toBe(`by cron line ${line} UTC`);
    },
  );

  it("says whose time it is where the CronJob doesn't", () => {
    expect(scheduleText("0 2 * * *")).toBe("every day at 02:00 in the control plane's time zone");
    expect(scheduleText("0 2 * * *", "Europe/Berlin")).toBe("every day at 02:00 Europe/Berlin");
  });
});
