package import Exchange
package import FHIR
import Primitives

extension BundleWriter {
  /// A result of a search: a match, or what a match drew in.
  package mutating func entry(
    found resource: ReleasedResource, mode: String = "match", base: BaseURL
  ) -> [UInt8] {
    entry(
      fullUrl: "\(base.fhir)/\(resource.type)/\(resource.id)", resource: resource.json,
      searchMode: mode)
  }

  /// A version in a history. How a client made it is not kept: a PUT of the same bytes to the same
  /// place would make it again, so that is what the entry says.
  package mutating func entry(version resource: ReleasedResource, base: BaseURL) -> [UInt8] {
    let place = "\(resource.type)/\(resource.id)"
    let status = resource.isDeleted ? "204" : resource.version == 1 ? "201" : "200"
    return entry(
      fullUrl: "\(base.fhir)/\(place)", resource: resource.isDeleted ? nil : resource.json,
      request: (resource.isDeleted ? "DELETE" : "PUT", place),
      response: Self.response(status, resource))
  }

  /// The effect of an entry of a transaction or batch.
  ///
  /// - Parameter withResources: whether stored resources are given back (`return=representation`).
  package mutating func entry(
    outcome: EntryOutcome, base: BaseURL, withResources: Bool, requestID: String
  ) -> [UInt8] {
    switch outcome {
    case .stored(let stored):
      let resource = stored.resource
      var response = Self.response(Self.status(stored.effect), resource)
      response.location = "\(resource.type)/\(resource.id)/_history/\(resource.version)"
      let isGiven = withResources && !resource.isDeleted
      return entry(resource: isGiven ? resource.json : nil, response: response)
    case .read(let resource):
      return entry(resource: resource.json, response: Self.response("200 OK", resource))
    case .searched(let page):
      var nested = BundleWriter(.searchset, total: page.total)
      var bytes = nested.opening
      for resource in page.resources { bytes += nested.entry(found: resource, base: base) }
      for resource in page.included {
        bytes += nested.entry(found: resource, mode: "include", base: base)
      }
      bytes += nested.closing
      return entry(resource: bytes, response: Response(status: "200 OK"))
    case .listed(let page):
      var nested = BundleWriter(.history, total: page.total)
      var bytes = nested.opening
      for resource in page.resources { bytes += nested.entry(version: resource, base: base) }
      bytes += nested.closing
      return entry(resource: bytes, response: Response(status: "200 OK"))
    case .absent: return entry(response: Response(status: "204 No Content"))
    case .refused(let error):
      let report = ErrorReport(
        error, in: ErrorStatus.Circumstances(hasContent: true), requestID: requestID)
      let status = "\(report.status) \(ErrorStatus.title(report.status))"
      return entry(response: Response(status: status, outcome: report.operationOutcome))
    }
  }

  private static func status(_ effect: StoredResource.Effect) -> String {
    switch effect {
    case .created: "201 Created"
    case .updated, .unchanged: "200 OK"
    case .deleted: "204 No Content"
    }
  }

  private static func response(_ status: String, _ resource: ReleasedResource) -> Response {
    Response(
      status: status, etag: EntityTag.text(resource.version), lastModified: resource.lastUpdated)
  }
}
