/// A literal link from a resource to another one, by its place in the text.
public struct ResourceLink: Sendable {
  /// Where FHIR has such links (R4 3.1.0.11.2, "Replacing references").
  public enum Origin: Sendable {
    /// `Reference.reference`.
    case reference
    /// An element of type uri, url, oid or uuid, such as `Attachment.url`; never a canonical.
    case uri
    /// `<a href>` or `<img src>` in a narrative.
    case narrative
  }

  /// Which of these places it is.
  public let origin: Origin
  /// The string that holds the link; of a narrative the whole `div`.
  public let value: JSONValue
  /// The text of the link.
  public let text: String
  /// Nil when the syntax of a `Reference.reference` is faulty.
  public let form: ReferenceForm?
  /// The bytes between the quotes in the document.
  public let contentRange: Range<Int>

  /// Where the link stands: `Observation.subject.reference`.
  public var pointer: String { value.pointer }
}

extension Resource {
  /// Every literal link of the resource, in the order of its text.
  ///
  /// All of `Reference.reference`, contained resources included; `#x` comes as a fragment and is to
  /// be left alone. Of uri elements and narratives only those that can mean a resource of the same
  /// Bundle or server: `urn:uuid:`, `urn:oid:`, and RESTful URLs in `url`, `valueUrl` and `valueUri`.
  /// Nothing from the entries of a Bundle, whose links are resolved inside that Bundle (R4 2.36.4).
  public var links: [ResourceLink] {
    LinkScanner(self).found
  }

  /// The edits that give links another text; a link for which `replacement` gives nil stays.
  public func edits(
    replacing links: [ResourceLink], with replacement: (ResourceLink) -> String?
  ) -> ByteEdits {
    var edits = ByteEdits()
    for link in links {
      guard let text = replacement(link) else { continue }
      let inAttribute = link.origin == .narrative
      let literal = JSONText.literal(inAttribute ? NarrativeLinks.attributeValue(text) : text)
      edits.replace(link.contentRange, with: Array(literal.dropFirst().dropLast()))
    }
    return edits
  }
}
