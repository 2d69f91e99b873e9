package import FHIR

/// The links of a page. The next one repeats the whole query, because the sealed cursor is bound to it.
package enum PageLinks {
  /// - Parameters:
  ///   - path: below the FHIR base, `Observation` or `Patient/1/_history`.
  ///   - query: as asked, with the cursor of this page if it had one.
  ///   - next: the cursor of the following page.
  package static func links(
    _ path: String, base: BaseURL, query: QueryString, next: String?
  ) -> [(relation: String, url: String)] {
    var links = [("self", url(path, base, query))]
    if let next {
      let following = query.without(["_cursor"]).adding("_cursor", next)
      links.append(("next", url(path, base, following)))
    }
    return links
  }

  private static func url(_ path: String, _ base: BaseURL, _ query: QueryString) -> String {
    let encoded = query.encoded
    return "\(base.fhir)/\(path)" + (encoded.isEmpty ? "" : "?\(encoded)")
  }
}
