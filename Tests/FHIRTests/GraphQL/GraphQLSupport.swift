import FHIR
import Foundation
import Primitives
import Testing

/// Resources in memory, as a query finds them.
struct GraphQLShelf: GraphQLRecords {
  var resources: [Resource] = []

  init(_ texts: String...) throws {
    resources = try texts.map { try Resource(parsing: Array($0.utf8)) }
  }

  func read(_ type: String, id: String) throws -> Resource {
    guard let found = resources.first(where: { $0.type == type && $0.id == id }) else {
      throw PeerChartError(.notFound, "there is no such record")
    }
    return found
  }

  func resource(_ target: ReferenceTarget) throws -> Resource? {
    resources.first { $0.type == target.type && $0.id == target.id }
  }

  func page(_ search: GraphQLSearch) throws -> GraphQLPage {
    let query = try SearchQuery(type: search.type, parameters: search.parameters)
    let found = try resources.filter {
      try $0.type == search.type && query.matches($0, following: NoLinks())
    }
    var page = GraphQLPage(
      resources: Array(found.prefix(query.count ?? .max)), count: found.count, offset: 0,
      pageSize: 50)
    page.first = "first-page"
    return page
  }
}

/// Nothing is linked to anything.
struct NoLinks: SearchLinks {
  func resource(_ target: ReferenceTarget) throws -> Resource? { nil }

  func contains(
    of type: String, referringTo target: ReferenceTarget, by parameter: SearchParameter,
    where body: (Resource) throws -> Bool
  ) throws -> Bool { false }
}

enum GraphQLSupport {
  static let condition = """
    {"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"code":"relapse"}]},
     "code":{"text":"Made up"},"subject":{"reference":"Patient/p1"},
     "asserter":{"reference":"Practitioner/nobody"},
     "recorder":{"reference":"https://elsewhere.example/fhir/Practitioner/9"}}
    """

  static func shelf() throws -> GraphQLShelf {
    try GraphQLShelf(FHIRPathSupport.patient, condition, FHIRPathSupport.observation)
  }

  /// The data of an answer, as JSON without spaces; `!code path: …` for each error.
  static func answer(
    _ query: String, about focus: String? = nil, variables: String? = nil,
    operationName: String? = nil, limits: GraphQLLimits = GraphQLLimits(),
    from shelf: GraphQLShelf? = nil
  ) throws -> String {
    do {
      let request = try GraphQLRequest(
        query: query,
        variables: try variables.map { try JSONDocument(parsing: Array($0.utf8)).root },
        operationName: operationName, limits: limits)
      let resource = try focus.map { try Resource(parsing: Array($0.utf8)) }
      try request.check(on: resource?.type)
      let answer = try request.answer(
        about: resource, from: try shelf ?? Self.shelf(), at: FHIRPathSupport.now)
      return shown(answer)
    } catch let fault as GraphQLFault {
      return "!\(fault.error.code.rawValue) \(fault.line):\(fault.column)"
    } catch let error as PeerChartError {
      return "!\(error.code.rawValue)"
    }
  }

  static func shown(_ answer: GraphQLAnswer) -> String {
    let root = try? JSONDocument(parsing: answer.bytes).root
    let data = root?["data"].map { String(decoding: CanonicalOrder.text($0), as: UTF8.self) }
    let faults = answer.faults.map { fault in
      let path = (fault.path ?? []).map { step in
        switch step {
        case .name(let name): name
        case .position(let position): String(position)
        }
      }
      return " !\(fault.error.code.rawValue) \(path.joined(separator: "/"))"
    }
    return (data ?? "") + faults.joined()
  }

  /// JSON without white space, members in their order.
  private enum CanonicalOrder {
    static func text(_ value: JSONValue) -> [UInt8] { JSONTree(value).serialized() }
  }
}
