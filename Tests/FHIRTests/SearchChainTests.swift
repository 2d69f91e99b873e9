import FHIR
import Primitives
import Testing

/// Chains, `_has`, `_list` and includes over a small made-up hospital.
@Suite struct SearchChainTests {
  /// Records as a search may follow them, found by looking through all.
  private struct Records: SearchLinks {
    let all: [Resource]

    init(_ lines: String) throws {
      all = try lines.split(separator: "\n").map { try SearchSupport.resource(String($0)) }
    }

    func resource(_ target: ReferenceTarget) -> Resource? {
      all.first { $0.type == target.type && $0.id == target.id }
    }

    func contains(
      of type: String, referringTo target: ReferenceTarget, by parameter: SearchParameter,
      where body: (Resource) throws -> Bool
    ) throws -> Bool {
      try all.contains {
        try $0.type == type && parameter.localTargets(in: $0).contains(target) && body($0)
      }
    }

    func find(_ type: String, _ query: String) throws -> [String] {
      let query = try SearchQuery(type: type, parameters: SearchSupport.pairs(query))
      return try all.filter { try query.matches($0, following: self) }.compactMap(\.id)
    }
  }

  private static let hospital = """
    {"resourceType":"Organization","id":"o1","name":"North Hospital"}
    {"resourceType":"Organization","id":"o2","name":"Ward 3","partOf":{"reference":"Organization/o1"}}
    {"resourceType":"Practitioner","id":"d1","name":[{"family":"Okafor"}]}
    {"resourceType":"Patient","id":"p1","name":[{"family":"Lind"}],"generalPractitioner":[{"reference":"Practitioner/d1"},{"reference":"Organization/o2"}]}
    {"resourceType":"Patient","id":"p2","name":[{"family":"Abara"}],"link":[{"other":{"reference":"Patient/p1"},"type":"seealso"}]}
    {"resourceType":"Group","id":"p1","type":"person","actual":true}
    {"resourceType":"Encounter","id":"e1","status":"planned","subject":{"reference":"Patient/p1"},"serviceProvider":{"reference":"Organization/o2"}}
    {"resourceType":"Observation","id":"b1","status":"final","code":{"coding":[{"code":"x"}]},"subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"},"performer":[{"reference":"Practitioner/d1"}]}
    {"resourceType":"Observation","id":"b2","status":"final","code":{"coding":[{"code":"y"}]},"subject":{"reference":"Patient/p2"}}
    {"resourceType":"Observation","id":"b3","status":"final","code":{"coding":[{"code":"x"}]},"subject":{"reference":"Group/p1"}}
    {"resourceType":"Observation","id":"b4","status":"final","code":{"coding":[{"code":"x"}]},"subject":{"reference":"http://other.org/Patient/p1"}}
    {"resourceType":"AuditEvent","id":"a1","entity":[{"what":{"reference":"Observation/b1"}}],"agent":[{"who":{"reference":"Practitioner/d1"},"requestor":true}]}
    {"resourceType":"List","id":"l1","status":"current","mode":"working","entry":[{"item":{"reference":"Observation/b1"}},{"item":{"reference":"Observation/b2"},"deleted":true}]}
    """

  @Test(arguments: [
    ("Observation", "subject:Patient.name=lind", "b1"),
    ("Observation", "patient.name=lind", "b1"),
    ("Observation", "subject.name=lind", "b1"),
    ("Observation", "patient.name=lind,abara", "b1 b2"),
    ("Observation", "patient.name:exact=lind", ""),
    ("Observation", "patient.general-practitioner.name=north", ""),
    ("Observation", "patient.general-practitioner:Organization.partof.name=north", "b1"),
    ("Observation", "patient.general-practitioner.partof.name=north", "b1"),
    ("Observation", "patient.general-practitioner.name=okafor", "b1"),
    ("Observation", "patient.link.general-practitioner.name=ward", "b2"),
    ("Observation", "encounter.service-provider.partof.name=north", "b1"),
    ("Observation", "encounter.status=planned&patient.name=abara", ""),
    ("Observation", "patient._id=p1", "b1"),
    ("Patient", "_has:Observation:patient:code=x", "p1"),
    ("Patient", "_has:Observation:patient:code=y", "p2"),
    ("Patient", "_has:Observation:patient:code:not=y", "p1"),
    ("Patient", "_has:Observation:subject:code=x", "p1"),
    ("Group", "_has:Observation:subject:code=x", "p1"),
    ("Patient", "_has:Observation:patient:performer.name=okafor", "p1"),
    ("Patient", "_has:Observation:patient:_has:AuditEvent:entity:agent=Practitioner/d1", "p1"),
    ("Patient", "_has:Observation:patient:_has:AuditEvent:entity:agent=Practitioner/d2", ""),
    ("Practitioner", "_has:Patient:general-practitioner:_has:Observation:patient:code=x", "d1"),
    ("Observation", "patient._has:Encounter:patient:service-provider=o2", "b1"),
    ("Observation", "_list=l1", "b1"), ("Observation", "_list=l2", ""), ("Patient", "_list=l1", ""),
  ])
  func finds(_ type: String, _ query: String, _ ids: String) throws {
    let found = try Records(Self.hospital).find(type, query)
    #expect(found.joined(separator: " ") == ids)
  }

  /// Whoever may not see what lies between sees no match either.
  @Test func whatIsNotSeenIsNotFollowed() throws {
    let without = Self.hospital.split(separator: "\n").filter { !$0.contains("\"id\":\"o2\"") }
    let records = try Records(without.joined(separator: "\n"))
    #expect(try records.find("Observation", "patient.general-practitioner.partof.name=north") == [])
  }

  @Test func aChainKnowsItsTypesAndTerms() throws {
    let query = try SearchQuery(
      type: "Observation", parameters: [(name: "subject.name", value: "x")])
    guard case .chain(let chain) = query.conditions.first else {
      Issue.record("no chain")
      return
    }
    // A Group has no search parameter `name`.
    #expect(chain.branches.map(\.type) == ["Location", "Patient"])
    #expect(
      chain.terms(for: ReferenceTarget(type: "Patient", id: "1")) == [
        IndexTerm(parameter: "subject", value: "1")
      ])
    #expect(query.followsLinks && query.alternatives.isEmpty && query.criteria.isEmpty)
    let has = try SearchQuery(
      type: "Patient", parameters: [(name: "_has:Observation:patient:code", value: "x")])
    guard case .has(let reverse) = has.conditions.first else {
      Issue.record("no _has")
      return
    }
    #expect(reverse.sourceType == "Observation")
    #expect(
      reverse.terms(for: ReferenceTarget(type: "Patient", id: "1")) == [
        IndexTerm(parameter: "subject", value: "1")
      ])
  }

  /// Every term of a link is one that the referring resource has.
  @Test func linksAreIndexed() throws {
    for resource in try Records(Self.hospital).all {
      let terms = Set(indexTerms(of: resource))
      for parameter in SearchParameterTable.standard.parameters(of: resource.type) {
        for target in parameter.localTargets(in: resource) {
          let wanted = try #require(parameter.terms(in: resource.type, for: target))
          #expect(!terms.isDisjoint(with: wanted), "\(resource.type) \(parameter.name)")
        }
      }
    }
  }

  /// References in the forms that they may have: escaped, of a version, absolute, twice, to an id that
  /// begins like another, in the resource of a Bundle.
  private static let forms = #"""
    {"resourceType":"Provenance","id":"v1","target":[{"reference":"Patient/p1"},{"reference":"Patient\/p2"},{"reference":"Patient/p3/_history/2"},{"reference":"Patient/p44"},{"reference":"http://other.org/Patient/p5"},{"reference":"#p6"},{"identifier":{"value":"p7"}},{"reference":"Patient/p1"},{"reference":"/Patient/p8"},{"display":"Patient/p9"},{"reference":7}],"recorded":"2024-01-01T00:00:00Z","agent":[{"who":{"reference":"Practitioner/d1"}}]}
    {"resourceType":"Bundle","id":"w1","type":"document","entry":[{"resource":{"resourceType":"Composition","id":"c1"}},{"resource":{"resourceType":"Patient","id":"p1"}}]}
    {"resourceType":"PlanDefinition","id":"x1","status":"draft","library":["Library/l1","http://other.org/Library/l2|1"]}
    """#

  /// Asking about one reference gives what listing all of them gives.
  @Test func askedForOne() throws {
    let records = try Records(Self.hospital + "\n" + Self.forms).all
    var targets = (1...9).map { ReferenceTarget(type: "Patient", id: "p\($0)") }
    targets += [("Patient", "p4"), ("Patient", "p44"), ("Library", "l1"), ("Composition", "c1")]
      .map { ReferenceTarget(type: $0.0, id: $0.1) }
    targets += records.compactMap { record in
      record.id.map { ReferenceTarget(type: record.type, id: $0) }
    }
    var found = 0
    for record in records {
      for parameter in SearchParameterTable.standard.parameters(of: record.type) {
        let listed = parameter.localTargets(in: record)
        for target in targets {
          #expect(
            parameter.refers(record, to: target) == listed.contains(target),
            "\(record.type) \(parameter.name) \(target.unversioned)")
        }
        found += listed.count
      }
    }
    #expect(found > 20)
  }

  private func include(_ name: String, _ value: String, _ type: String = "Observation") throws
    -> SearchInclude
  {
    let query = try SearchQuery(type: type, parameters: [(name: name, value: value)])
    return try #require(query.options.includes.first)
  }

  @Test func includes() throws {
    let records = try Records(Self.hospital)
    let b1 = try #require(records.resource(ReferenceTarget(type: "Observation", id: "b1")))
    func targets(_ value: String) throws -> [String] {
      try include("_include", value).targets(in: b1).map(\.unversioned).sorted()
    }
    #expect(try targets("Observation:patient") == ["Patient/p1"])
    #expect(try targets("Observation:subject:Group") == [])
    #expect(try targets("Observation:subject:Patient") == ["Patient/p1"])
    #expect(try targets("*") == ["Encounter/e1", "Patient/p1", "Practitioner/d1"])
    #expect(try targets("Observation:*:Encounter") == ["Encounter/e1"])
    #expect(try targets("Patient:link") == [])
    #expect(try include("_include:iterate", "Patient:link").iterates)
    let reverse = try include("_revinclude", "Observation:encounter", "Encounter")
    #expect(reverse.direction == .reverse && reverse.sourceType == "Observation")
    #expect(
      reverse.terms(for: ReferenceTarget(type: "Encounter", id: "e1")) == [
        IndexTerm(parameter: "encounter", value: "e1")
      ])
    #expect(reverse.terms(for: ReferenceTarget(type: "Patient", id: "p1")) == [])
    #expect(reverse.targets(in: b1).map(\.unversioned) == ["Encounter/e1"])
    let many = Array(repeating: (name: "_include", value: "*"), count: 33)
    #expect(throws: PeerChartError.self) { try SearchQuery(type: "Patient", parameters: many) }
  }
}
