/// What a template is filled with. Every text in it comes out escaped.
package enum PageValue: Sendable, Equatable {
  case text(String)
  case flag(Bool)
  case list([PageValue])
  case object(PageObject)

  /// A text that may be missing: a section of its name is then left out.
  package static func maybe(_ text: String?) -> PageValue {
    text.flatMap { $0.isEmpty ? nil : .text($0) } ?? .flag(false)
  }

  package static func number(_ value: some BinaryInteger) -> PageValue { .text(String(value)) }

  package static func objects(_ objects: [PageObject]) -> PageValue {
    .list(objects.map(PageValue.object))
  }

  package static func texts(_ texts: [String]) -> PageValue { .list(texts.map(PageValue.text)) }
}

/// The names that a template can use.
package typealias PageObject = [String: PageValue]

extension PageValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
  package init(stringLiteral value: String) { self = .text(value) }
  package init(booleanLiteral value: Bool) { self = .flag(value) }
}
