import FHIR
import Hummingbird
import Primitives

/// The page that describes the API to people.
struct APIPages: Sendable {
  private let renderer: PageRenderer
  private let table: StringTable

  /// - Throws: `invalid` for a template or a table of words that cannot be read.
  init() throws(PeerChartError) {
    renderer = try PageRenderer()
    table = try StringTable()
  }

  var english: PortalStrings { table[.english] }

  func answer(_ incoming: Incoming) throws -> Response {
    let chosen = PortalCookies.value(PortalCookies.language, in: try incoming.field(.cookie))
    let language =
      chosen.flatMap(Language.init)
      ?? Language(acceptLanguage: incoming.request.headers[.acceptLanguage])
    let frame = PageFrame(csrf: "", here: "/api")
    return PortalAnswer.html(
      try renderer.page(APIPage(), in: frame, strings: table[language]))
  }
}
