import FHIR
import Testing
import Web

@Suite("Links of pages")
struct PageLinksTests {
  @Test("The next link repeats the query and replaces the cursor")
  func next() throws {
    let base = try BaseURL(configured: "https://node.example/")
    let query = try QueryString(parsing: "name=a%20b&_cursor=old&_count=2")
    let links = PageLinks.links("Patient", base: base, query: query, next: "n/+=")
    #expect(links.map(\.relation) == ["self", "next"])
    #expect(
      links.map(\.url) == [
        "https://node.example/fhir/Patient?name=a%20b&_cursor=old&_count=2",
        "https://node.example/fhir/Patient?name=a%20b&_count=2&_cursor=n%2F%2B%3D",
      ])
  }

  @Test("The last page has no next link, and an empty query no question mark")
  func last() throws {
    let base = try BaseURL(host: "[::1]:8443", isTLS: true)
    let links = PageLinks.links("Patient/1/_history", base: base, query: QueryString(), next: nil)
    #expect(links.map(\.url) == ["https://[::1]:8443/fhir/Patient/1/_history"])
  }
}
