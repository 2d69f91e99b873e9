import Consent
import FHIR
import Identity
import Primitives

/// What becomes of a conditional reference that matches nothing.
public enum UnresolvedReferences: String, Sendable, CaseIterable {
  /// The resource is refused, by name.
  case refuse
  /// It becomes a logical reference: the identifier that was searched for, without a target. A
  /// `urn:` to what did not come along stays as it is.
  case keep
}

/// Turns references into those that hold on this node: to the ids that entries were given, and to the
/// one match of a conditional reference.
final class ReferenceResolver {
  private let view: SearchView
  private let unresolved: UnresolvedReferences
  /// Full URL, or `Type/id` as in the input, to `Type/id` here.
  private var assigned: [String: String]
  private var conditional: [String: Result<String?, PeerChartError>] = [:]

  init(_ view: SearchView, assigned: [String: String], unresolved: UnresolvedReferences) {
    self.view = view
    self.assigned = assigned
    self.unresolved = unresolved
  }

  /// The edits that make the resource's references hold here.
  func edits(for resource: Resource) throws -> ByteEdits {
    let links = resource.links
    var edits = ByteEdits()
    var replacements: [Int: String] = [:]
    for (index, link) in links.enumerated() {
      guard let form = link.form else {
        if link.origin == .reference {
          throw PeerChartError(.invalid, "this is not a reference", place: link.pointer)
        }
        continue
      }
      switch form {
      case .urn(let urn):
        if let target = assigned[urn] {
          replacements[index] = target
        } else if link.origin == .reference, unresolved == .refuse {
          throw PeerChartError(
            .invalid, "this reference leads nowhere: no entry beside it has that fullUrl",
            place: link.pointer)
        }
      case .relative(let type, let id, _):
        if let target = assigned["\(type)/\(id)"] { replacements[index] = target }
      case .absolute(let url, _, _, _):
        if let target = assigned[url] { replacements[index] = target }
      case .conditional(let type, let query):
        guard link.origin == .reference else { continue }
        try requireSearch(of: type, at: link.pointer)
        if let target = try resolve(type, query, at: link.pointer) {
          replacements[index] = target
        } else if let (range, text) = Self.logicalReference(link, type, query) {
          edits.replace(range, with: text)
        }
      case .fragment, .logical: continue
      }
    }
    var position = 0
    edits.append(
      resource.edits(replacing: links) { _ in
        defer { position += 1 }
        return replacements[position]
      })
    return edits
  }

  /// A conditional reference tells whether something matches, so it asks for the scope of a search.
  private func requireSearch(of type: String, at pointer: @autoclosure () -> String) throws {
    do { try view.reading.caller.requireScope(.search, type) } catch let error as PeerChartError {
      throw PeerChartError(error.code, error.reason, place: pointer())
    }
  }

  /// The one record that a conditional reference means; nil when nothing matches and that is kept.
  func resolve(
    _ type: String, _ query: String, at pointer: @autoclosure () -> String
  ) throws -> String? {
    let name = "\(type)?\(query)"
    let result: Result<String?, PeerChartError>
    if let known = conditional[name] {
      result = known
    } else {
      result = try find(type, query)
      conditional[name] = result
    }
    switch result {
    case .success(let target?): return target
    case .success(nil):
      guard unresolved == .refuse else { return nil }
      throw PeerChartError(
        .invalid,
        "this conditional reference to a \(type) matches nothing here; import the bundle that has "
          + "it first (organizations and practitioners before patients), or keep it as a logical "
          + "reference with --unresolved keep",
        place: pointer())
    case .failure(let error): throw PeerChartError(error.code, error.reason, place: pointer())
    }
  }

  private func find(_ type: String, _ query: String) throws -> Result<String?, PeerChartError> {
    do {
      let pairs = try QueryString(parsing: query).named
      let found = try view.onlyMatch(SearchQuery(type: type, parameters: pairs))
      return .success(found.match.map { "\(type)/\($0.record.id)" })
    } catch let error as PeerChartError
      where [.invalid, .malformed, .multipleMatches, .tooCostly].contains(error.code)
    {
      return .failure(error)
    }
  }

  /// Replaces the member `"reference": "Practitioner?identifier=s|v"` by type and identifier.
  private static func logicalReference(
    _ link: ResourceLink, _ type: String, _ query: String
  ) -> (Range<Int>, [UInt8])? {
    guard let pairs = try? QueryString(parsing: query).pairs, pairs.count == 1,
      let (name, token) = pairs.first, name == "identifier"
    else { return nil }
    let parts = token.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    var identifier: [(String, JSONTree)] = []
    if parts.count == 2, !parts[0].isEmpty {
      identifier.append(("system", .string(String(parts[0]))))
    }
    identifier.append(("value", .string(String(parts.last ?? ""))))
    let bytes = link.value.document.bytes
    let member = Array("\"reference\"".utf8)
    var start = link.value.range.lowerBound
    while start > 0, bytes[start - 1] != UInt8(ascii: "\"") { start -= 1 }
    guard start >= member.count, bytes[start - member.count..<start].elementsEqual(member) else {
      return nil
    }
    let members = JSONTree.object([("type", .string(type)), ("identifier", .object(identifier))])
    return (
      start - member.count..<link.value.range.upperBound,
      Array(members.serialized().dropFirst().dropLast())
    )
  }
}
