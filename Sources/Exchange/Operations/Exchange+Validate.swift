public import FHIR
import Primitives

extension Exchange {
  /// What is to be said of a resource (FHIR `$validate`). Nothing is stored, and nothing that is stored is
  /// looked at: references are checked as far as they say themselves what they lead to.
  ///
  /// - Parameter profiles: canonical URLs beside those that the resource claims.
  /// - Throws: `malformed` for what is no resource at all, `not-supported` for a profile that this program
  ///   does not have.
  public func validate(
    _ body: [UInt8], profiles: [String], as caller: Caller
  ) async throws -> [ValidationIssue] {
    guard body.count <= limits.bodyBytes else {
      throw PeerChartError(.tooLarge, "a body is larger than \(limits.bodyBytes) bytes")
    }
    let known = ResourceValidator.profiles
    for profile in profiles {
      guard known.contains(where: { $0 == profile || $0.hasPrefix(profile + "|") }) else {
        throw PeerChartError(
          .notSupported, "this program has no such profile; it knows those of R4 and US Core",
          place: "profile")
      }
    }
    let document = try JSONDocument(parsing: body)
    return ResourceValidator().issues(in: document.root, profiles: profiles)
  }
}
