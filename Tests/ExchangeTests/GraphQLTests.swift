import Audit
import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Primitives
import Testing

/// GraphQL goes through the same door as reading and searching.
@Suite struct GraphQLTests {
  private func ask(
    _ query: String, of node: TestNode, about focus: (type: String, id: String)? = nil,
    as caller: Caller
  ) async throws -> (answer: GraphQLAnswer, text: String) {
    let answer = try await node.exchange.graphQL(
      GraphQLRequest(query: query), about: focus, as: caller)
    return (answer, String(decoding: answer.bytes, as: UTF8.self))
  }

  private func codes(_ answer: GraphQLAnswer) -> [String] {
    answer.faults.map(\.error.code.rawValue)
  }

  @Test func theOwnerReadsTheChartAsAGraph() async throws {
    let (home, _) = try await pairOfNodes()
    let graph = try await ask(
      """
      { Patient(id: p) { name { family } ObservationList(_reference: subject, _sort: code) {
        id subject { resource { resourceType id } } } }
        ConditionList(patient: p) { id } }
      """, of: home, as: home.owner)
    #expect(
      graph.text == """
        {"data":{"Patient":{"name":[{"family":"Samplewood"}],"ObservationList":[\
        {"id":"lab","subject":{"resource":{"resourceType":"Patient","id":"p"}}},\
        {"id":"vital","subject":{"resource":{"resourceType":"Patient","id":"p"}}}]},\
        "ConditionList":[{"id":"problem"}]}}
        """)
    let about = try await ask(
      "{ id ConditionList(_reference: patient) { id } }", of: home, about: ("Patient", "p"),
      as: home.owner)
    #expect(about.text == #"{"data":{"id":"p","ConditionList":[{"id":"problem"}]}}"#)
  }

  @Test func onlyWhatIsGrantedIsInTheGraph() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: [.labResults, .demographics])
    let peer = try await home.peer(hospital)
    let query = """
      { Patient(id: p) { id a: ObservationConnection(_reference: patient) { count edges { resource {
          id } } } b: ConditionList(_reference: patient) { id } }
        c: Condition(id: problem) { id } d: Condition(id: nothing) { id }
        ObservationList(patient: p) { id } MedicationRequestList { id } }
      """
    let seen = try await ask(query, of: home, as: peer)
    #expect(
      seen.text.contains(
        """
        "data":{"Patient":{"id":"p","a":{"count":1,"edges":[{"resource":{"id":"lab"}}]},"b":null},\
        "c":null,"d":null,"ObservationList":[{"id":"lab"}],"MedicationRequestList":[]}}
        """), "\(seen.text)")
    // What may not be read and what is not there fail in one way.
    #expect(codes(seen.answer) == ["forbidden", "forbidden", "forbidden"])
    #expect(Set(seen.answer.faults.suffix(2).map(\.error.reason)).count == 1)
    // More of what is forbidden changes nothing.
    try await home.store(
      Sample.condition("more", of: "p"), Sample.medication("secret", of: "p"),
      Sample.observation("hidden", of: "p", category: "vital-signs", code: "9279-1"),
      Sample.patient("q"), Sample.observation("others", of: "q"))
    #expect(try await ask(query, of: home, as: peer).text == seen.text)
  }

  @Test func theLogNamesWhatWasHandedOut() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: [.labResults, .demographics])
    let peer = try await home.peer(hospital)
    let before = try await home.log().count
    _ = try await ask(
      "{ Patient(id: p) { id ObservationList(_reference: patient) { id } } Condition(id: problem) { id } }",
      of: home, as: peer)
    let events = try await home.log().map(\.event).dropFirst(before)
      .filter { $0.kind != .auditRead }
    let handedOut = events.filter { $0.kind == .disclosure }
    #expect(handedOut.count == 2 && handedOut.allSatisfy { $0.patient == "Patient/p" })
    #expect(
      Set(handedOut.flatMap(\.entities)) == ["Patient/p/_history/1", "Observation/lab/_history/1"])
    #expect(handedOut.allSatisfy { $0.detail["query"]?.hasPrefix("$graphql: Patient/p; ") == true })
    let refused = events.filter { $0.kind == .decisionDeny }
    #expect(refused.flatMap(\.entities) == ["Condition/problem/_history/1"])
    // A question that finds nothing is on the log too, and so is one that is refused.
    let count = try await home.log().count
    _ = try await ask("{ PatientList(name: nobody) { id } }", of: home, as: home.owner)
    let silent = try #require(
      try await home.log().dropFirst(count).map(\.event).first { $0.kind != .auditRead })
    #expect(
      silent.kind == .decisionPermit && silent.detail["query"] == "$graphql: Patient?name=nobody")
  }

  @Test func aRevokedGrantOpensNothingAtOnce() async throws {
    let (home, hospital) = try await pairOfNodes()
    let grant = try await home.grant(to: hospital, types: [.labResults])
    let peer = try await home.peer(hospital)
    let query = "{ ObservationList(patient: p) { id } }"
    #expect(try await ask(query, of: home, as: peer).text.contains("lab"))
    try await home.exchange.revoke(grant.id, as: home.owner)
    let after = try await ask(query, of: home, as: peer)
    #expect(codes(after.answer) == ["forbidden"] && !after.answer.hasData)
  }

  @Test func aLimitedGrantIsUsedOnceByARequest() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: [.labResults], uses: 1)
    let peer = try await home.peer(hospital)
    let query = "{ Observation(id: lab) { id } ObservationList(patient: p) { id } }"
    let first = try await ask(query, of: home, as: peer)
    #expect(first.answer.faults.isEmpty, "\(first.text)")
    let second = try await ask(query, of: home, as: peer)
    #expect(!second.answer.hasData && second.answer.faults.count == 2)
  }

  @Test func aConnectionIsWalkedByItsCursors() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    for number in 0..<7 {
      try await node.store(
        Sample.observation("o\(number)", of: "p", date: "2026-02-0\(7 - number)"))
    }
    for sort in ["", ", _sort: date"] {
      var pages: [[String]] = []
      var offsets: [String] = []
      var cursors: [[String: String]] = []
      var query = "(patient: p, _count: 3\(sort))"
      while pages.count < 9 {
        let (answer, text) = try await ask(
          """
          { ObservationConnection\(query) { count offset pagesize edges { resource { id } }
            first previous next last } }
          """, of: node, as: node.owner)
        #expect(answer.faults.isEmpty, "\(text)")
        let root = try #require(
          try JSONDocument(parsing: answer.bytes).root["data"]?["ObservationConnection"])
        pages.append(
          (root["edges"].map { Array($0.elements) } ?? []).compactMap {
            $0["resource"]?["id"]?.string
          })
        offsets.append(root["offset"]?.numberLiteral ?? "")
        #expect(root["count"]?.numberLiteral == "7" && root["pagesize"]?.numberLiteral == "3")
        cursors.append(
          Dictionary(
            uniqueKeysWithValues: ["first", "previous", "next", "last"].compactMap { name in
              root[name]?.string.map { (name, $0) }
            }))
        guard let next = root["next"]?.string else { break }
        query = "(cursor: \"\(next)\")"
      }
      let ids = (0..<7).map { "o\(sort.isEmpty ? $0 : 6 - $0)" }
      #expect(pages == [Array(ids[0..<3]), Array(ids[3..<6]), Array(ids[6...])])
      #expect(offsets == ["0", "3", "6"])
      #expect(cursors[0]["previous"] == nil && cursors[2]["next"] == nil)
      func page(_ cursor: String?, as caller: Caller) async throws -> String {
        try await ask(
          "{ ObservationConnection(cursor: \"\(cursor ?? "")\") { edges { resource { id } } } }",
          of: node, as: caller
        ).text
      }
      let back = try await page(cursors[2]["previous"], as: node.owner)
      #expect(back.contains("\"\(ids[3])\"") && !back.contains("\"\(ids[2])\""))
      let first = try await page(cursors[2]["first"], as: node.owner)
      #expect(first.contains("\"\(ids[0])\"") && !first.contains("\"\(ids[3])\""))
      let last = try await page(cursors[0]["last"], as: node.owner)
      #expect(last.contains("\"\(ids[6])\"") && !last.contains("\"\(ids[5])\""))
      // Sealed to the caller and the type.
      let other = try await node.bearer(.patient, treats: ["p"])
      let foreign = try await page(cursors[0]["next"], as: other)
      #expect(foreign.contains("\"invalid\"") && !foreign.contains(ids[3]))
      let misused = try await ask(
        "{ ConditionConnection(cursor: \"\(cursors[0]["next"] ?? "")\") { count } }", of: node,
        as: node.owner)
      #expect(codes(misused.answer) == ["invalid"])
    }
  }

  @Test func scopesHoldWithinAQuery() async throws {
    let (home, _) = try await pairOfNodes()
    let reader = try await home.bearer(
      .patient, treats: ["p"], scope: "patient/Observation.rs patient/Patient.r")
    let seen = try await ask(
      """
      { Patient(id: p) { id } PatientList { id } ConditionList(patient: p) { id }
        Condition(id: problem) { id } ObservationList(patient: p, _count: 1) { id
          subject { resource { id } } } }
      """, of: home, as: reader)
    #expect(codes(seen.answer) == ["forbidden", "forbidden", "forbidden"])
    #expect(
      seen.text.contains(
        #""Patient":{"id":"p"},"PatientList":null,"ConditionList":null,"Condition":null"#))
    #expect(seen.text.contains(#""subject":{"resource":{"id":"p"}}"#), "\(seen.text)")
  }

  @Test func deletedRecordsAndFalseAddressesAreErrorsOfTheirFields() async throws {
    let (home, _) = try await pairOfNodes()
    _ = try await home.exchange.delete("Condition", id: "problem", expecting: .any, as: home.owner)
    let seen = try await ask(
      """
      { a: Condition(id: problem) { id } b: Condition(id: problem) { id }
        c: Condition(id: "no id") { id } d: Patient(id: nobody) { id } e: Patient(id: p) { id } }
      """, of: home, as: home.owner)
    #expect(codes(seen.answer) == ["gone", "gone", "not-found", "not-found"])
    #expect(seen.text.contains(#""e":{"id":"p"}"#))
    let gone = try await ask("{ id }", of: home, about: ("Condition", "problem"), as: home.owner)
    #expect(codes(gone.answer) == ["gone"] && !gone.answer.hasData)
  }

  @Test func aListThatWouldBeTooLongIsAnErrorAndNoPart() async throws {
    let node = try await TestNode()
    var limits = ExchangeLimits()
    limits.pageSize = 2
    try await node.reopen(limits: limits)
    try await node.store(
      Sample.patient("p"), Sample.observation("a", of: "p"), Sample.observation("b", of: "p"),
      Sample.observation("c", of: "p"))
    let seen = try await ask(
      "{ all: ObservationList(patient: p) { id } some: ObservationList(patient: p, _count: 1) { id } }",
      of: node, as: node.owner)
    #expect(codes(seen.answer) == ["too-costly"])
    #expect(seen.text.contains(#""all":null,"some":[{"id":"a"}]"#))
  }
}
