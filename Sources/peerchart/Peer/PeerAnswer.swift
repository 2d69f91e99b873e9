import Exchange
import FHIR
import Primitives

/// What another node's refusal says: an OperationOutcome, or a problem report (RFC 9457).
enum PeerAnswer {
  /// - Throws: what the peer refused with, in its own words.
  static func check(_ reply: PeerReply) throws {
    guard reply.status >= 400 else { return }
    let words = (try? JSONDocument(parsing: reply.body)).flatMap { text(of: $0.root) }
    let code: PeerChartError.Code =
      switch reply.status {
      case 401: .unauthenticated
      case 403: .forbidden
      case 404: .notFound
      default: .invalid
      }
    throw PeerChartError(
      code, "the other node answers \(reply.status): \(words ?? "it gives no reason")")
  }

  private static func text(of body: JSONValue) -> String? {
    if let detail = body["detail"]?.string { return detail }
    guard let issues = body["issue"], issues.kind == .array else { return nil }
    let texts = issues.elements.compactMap {
      $0["details"]?["text"]?.string ?? $0["diagnostics"]?.string
    }
    return texts.isEmpty ? nil : texts.joined(separator: "; ")
  }
}
