import { checkPage, mentions } from "../../../clones/migration/page-check";

const OWN = "https://clone-1.clones.example";

describe("[CLONE-06] a page of a clone", () => {
  const page = (text: string, status = 200) => ({ status, text, headers: {}, url: `${OWN}/` });
  const check = (text: string, status?: number) =>
    checkPage(page(text, status), OWN, { urls: ["https://shop.example/blog"] });

  it("is a whole one, whose title is told", () => {
    expect(check("<html><title> My\n shop </title></html>").title).toBe("My shop");
  });

  it.each([
    ["nothing", ""],
    ["a part", "<html><p>Half of"],
    ["an error of WordPress", '<html><body id="error-page"><p>There has been a critical error</p></body></html>'],
    ["no database", "<html><title>Error establishing a database connection</title></html>"],
    ["the installer", '<html><form action="/wp-admin/install.php?step=1"></form></html>'],
    ["the source's address", '<html><a href="https://shop.example/blog/about">About</a></html>'],
  ])("is refused if it has %s", (_, text) => {
    expect(() => check(text)).toThrow(expect.objectContaining({ code: "SITE_PAGES", retryable: false }));
  });

  it("may come later where the site is busy, and not where it fails", () => {
    expect(() => check("<html></html>", 503)).toThrow(
      expect.objectContaining({ code: "SITE_REFUSED", retryable: true }),
    );
    expect(() => check("<html></html>", 500)).toThrow(expect.objectContaining({ code: "SITE_PAGES" }));
  });
});

describe("an address in a text", () => {
  const url = "http://shop.example:8080/blog";
  it.each([
    "http://shop.example:8080/blog",
    "https://www.shop.example:8080/blog/x",
    "src='//shop.example:8080/blog'",
    String.raw`{"url":"http:\/\/shop.example:8080\/blog\/x"}`,
    String.raw`\"http:\\/\\/shop.example:8080\\/blog\"`,
    "u=http%3A%2F%2Fshop.example%3A8080%2Fblog%2Fx",
    "HTTP%3a%2f%2fSHOP.example%3a8080%2fblog",
  ])("is found in %s", (text) => expect(mentions(text, url, OWN)).toBe(true));

  it.each([
    "http://shop.example:8080/blogger",
    "http://shop.example:8080/",
    "http://shop.example:80801/blog",
    "http://myshop.example:8080/blog",
    "mail to shop.example:8080/blog",
  ])("is another one in %s", (text) => expect(mentions(text, url, OWN)).toBe(false));

  it("is none of the source where the clone's begins with it", () => {
    const own = "https://shop.example/clones/1";
    expect(mentions(`<a href="${own}/about">`, "https://shop.example", own)).toBe(false);
    expect(mentions(`<a href="https://shop.example/about">`, "https://shop.example", own)).toBe(true);
    expect(mentions("http://127.0.0.1:81/", "http://127.0.0.1", "http://127.0.0.1:81")).toBe(false);
  });
});
