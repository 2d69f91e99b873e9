package import Exchange
import FHIR
package import Primitives

/// Writes Bundles around resources whose bytes stay as they are (rule 4).
package struct BundleWriter: Sendable {
  package private(set) var output = ByteSegments()
  private var hasEntry = false

  /// - Parameters:
  ///   - type: code of the value set bundle-type.
  ///   - links: relation and URL, in order.
  package init(type: String, total: Int? = nil, links: [(relation: String, url: String)] = []) {
    output.append("{\"resourceType\":\"Bundle\",\"type\":\"\(type)\"")
    if let total { output.append(",\"total\":\(total)") }
    guard !links.isEmpty else { return }
    let list = links.map { link in
      JSONTree.object([("relation", .string(link.relation)), ("url", .string(link.url))])
    }
    output.append(",\"link\":")
    output.append(JSONTree.array(list).serialized())
  }

  /// A match of a search.
  package mutating func append(match resource: ReleasedResource, base: BaseURL) {
    open()
    output.append("\"fullUrl\":\"\(base.fhir)/\(resource.type)/\(resource.id)\",\"resource\":")
    output.append(resource.json)
    output.append(",\"search\":{\"mode\":\"match\"}}")
  }

  /// A version in a history. How a client made it is not kept: a PUT of the same bytes to the same
  /// place would make it again, so that is what the entry says.
  package mutating func append(version resource: ReleasedResource, base: BaseURL) {
    let place = "\(resource.type)/\(resource.id)"
    open()
    output.append("\"fullUrl\":\"\(base.fhir)/\(place)\",")
    if !resource.isDeleted {
      output.append("\"resource\":")
      output.append(resource.json)
      output.append(",")
    }
    let method = resource.isDeleted ? "DELETE" : "PUT"
    let status = resource.isDeleted ? "204" : resource.version == 1 ? "201" : "200"
    output.append("\"request\":{\"method\":\"\(method)\",\"url\":\"\(place)\"},\"response\":{")
    output.append("\"status\":\"\(status)\",")
    output.append(Self.freshness(resource))
    output.append("}}")
  }

  /// The effect of an entry of a transaction or batch.
  ///
  /// - Parameter withResources: whether stored resources are given back (`return=representation`).
  package mutating func append(
    outcome: EntryOutcome, base: BaseURL, withResources: Bool, requestID: String
  ) {
    open()
    switch outcome {
    case .stored(let stored):
      if withResources, !stored.resource.isDeleted {
        output.append("\"resource\":")
        output.append(stored.resource.json)
        output.append(",")
      }
      let resource = stored.resource
      let location = "\(resource.type)/\(resource.id)/_history/\(resource.version)"
      output.append("\"response\":{\"status\":\"\(Self.status(stored.effect))\",")
      output.append("\"location\":\"\(location)\",\(Self.freshness(resource))}}")
    case .read(let resource):
      output.append("\"resource\":")
      output.append(resource.json)
      output.append(",\"response\":{\"status\":\"200 OK\",\(Self.freshness(resource))}}")
    case .searched(let page):
      var nested = BundleWriter(type: "searchset", total: page.total)
      for resource in page.resources { nested.append(match: resource, base: base) }
      output.append("\"resource\":")
      for segment in nested.finished() { output.append(segment) }
      output.append(",\"response\":{\"status\":\"200 OK\"}}")
    case .refused(let error):
      let report = ErrorReport(
        error, in: ErrorStatus.Circumstances(hasContent: true), requestID: requestID)
      let status = "\(report.status) \(ErrorStatus.title(report.status))"
      output.append("\"response\":{\"status\":\"\(status)\",\"outcome\":")
      output.append(report.operationOutcome)
      output.append("}}")
    }
  }

  /// The whole Bundle in pieces.
  package consuming func finished() -> [[UInt8]] {
    output.append(hasEntry ? "]}" : "}")
    return output.finished()
  }

  private mutating func open() {
    // FHIR knows no empty arrays, so the array begins with its first entry.
    output.append(hasEntry ? ",{" : ",\"entry\":[{")
    hasEntry = true
  }

  private static func status(_ effect: StoredResource.Effect) -> String {
    switch effect {
    case .created: "201 Created"
    case .updated, .unchanged: "200 OK"
    case .deleted: "204 No Content"
    }
  }

  private static func freshness(_ resource: ReleasedResource) -> String {
    "\"etag\":\"W/\\\"\(resource.version)\\\"\",\"lastModified\":\"\(resource.lastUpdated)\""
  }
}
