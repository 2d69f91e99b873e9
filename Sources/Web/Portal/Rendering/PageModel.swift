/// What a page shows, before it is words in a language and HTML.
package protocol PageModel: Sendable {
  /// The template that shows it.
  static var template: String { get }
  /// What the browser calls the page.
  func title(_ strings: PortalStrings) -> String
  /// What the template is filled with.
  func content(_ strings: PortalStrings) -> PageObject
}
