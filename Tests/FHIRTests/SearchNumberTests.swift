import FHIR
import Testing

/// Numbers, quantities and places (R4 3.1.1.4.6, 3.1.1.4.11): decimal, with the precision they are
/// written in.
@Suite struct SearchNumberTests {
  private func risk(_ value: String) throws -> Resource {
    try SearchSupport.resource(
      #"{"resourceType":"RiskAssessment","prediction":[{"probabilityDecimal":\#(value)}]}"#)
  }

  /// Value, then the queries that find it, then those that do not.
  static let numbers: [(value: String, found: [String], missed: [String])] = [
    (
      "100",
      [
        "100", "100.0", "100.00", "1e2", "eq100", "ge100", "le100", "gt99", "lt101", "ap100",
        "ap109", "ap95", "ne101", "sa99.9", "eb100.1", "0100", "gt-100",
      ],
      ["101", "ne100", "gt100", "lt100", "sa100", "eb100", "ap120", "-100", "ap90", "10"]
    ),
    ("99.5", ["100", "99.5", "1e2", "99.50"], ["99", "100.0", "ge100"]),
    ("100.5", ["101", "1e2", "gt100"], ["100", "100.0", "le100"]),
    ("100.4999999999999999", ["100", "100.5"], ["101", "ge100.5"]),
    ("94.99", ["95", "95.0"], ["1e2"]), ("104.99", ["1e2"], []), ("105", ["105"], ["1e2"]),
    // Not as a binary fraction, which would make 0.1 a little more.
    ("0.1", ["0.1", "0.10", "le0.1", "ge0.1", "1e-1"], ["gt0.1", "lt0.1", "0.11"]),
    ("0.30000000000000000001", ["0.3", "gt0.3"], ["0.30000000000000000000"]),
    ("-5", ["-5", "lt0", "ap-5", "ap-5.4", "lt-4.9"], ["5", "gt-5", "ap-6"]),
    ("0", ["0", "0.0", "-0", "ap0", "le0", "ge0"], ["gt0", "lt0", "1"]),
    ("1E-22", ["1e-22", "0", "gt0", "1.0e-22"], ["1e-23", "lt0"]),
    ("1.5e300", ["1.5e300", "gt1e299"], ["lt1e300"]),
    // Beyond what is kept: found by nothing.
    ("1e99999", [], ["gt0", "ne0"]),
    ("1.23456789012345678901234567890123456789", [], ["1", "gt0"]),
  ]

  @Test(arguments: numbers.indices)
  func prefixesAndPrecision(_ index: Int) throws {
    let (value, found, missed) = Self.numbers[index]
    let resource = try risk(value)
    for query in found {
      #expect(
        try SearchSupport.matches(resource, "probability=" + query), "\(query) finds \(value)")
    }
    for query in missed {
      #expect(
        try !SearchSupport.matches(resource, "probability=" + query), "\(query) misses \(value)")
    }
  }

  private func expect(
    _ json: String, finds: [String], misses: [String], _ location: SourceLocation = #_sourceLocation
  ) throws {
    let resource = try SearchSupport.resource(json)
    for query in finds {
      #expect(
        try SearchSupport.matches(resource, query), "finds \(query)", sourceLocation: location)
    }
    for query in misses {
      #expect(
        try !SearchSupport.matches(resource, query), "misses \(query)", sourceLocation: location)
    }
  }

  @Test func ranges() throws {
    try expect(
      """
      {"resourceType":"RiskAssessment","prediction":[{"probabilityRange":{"low":{"value":10},
      "high":{"value":20}}}]}
      """,
      finds: [
        "probability=gt15", "probability=lt15", "probability=ge20", "probability=le10",
        "probability=sa9", "probability=eb21", "probability=ap21", "probability=2e1,ge19",
      ],
      misses: ["probability=15", "probability=gt20", "probability=sa10", "probability=ap30"])
  }

  @Test func quantities() throws {
    let ucum = "http://unitsofmeasure.org"
    try expect(
      """
      {"resourceType":"Observation","valueQuantity":{"value":5.40,"unit":"milligram",
      "system":"\(ucum)","code":"mg"}}
      """,
      finds: [
        "value-quantity=5.4", "value-quantity=5.4||mg", "value-quantity=5.4||milligram",
        "value-quantity=5.4|\(ucum)|mg", "value-quantity=gt5||mg", "value-quantity=1,5.4",
      ],
      misses: [
        "value-quantity=5.5", "value-quantity=5.4||MG", "value-quantity=5.4||g",
        "value-quantity=5.4|http://other|mg", "value-quantity=5.4|\(ucum)|milligram",
      ])
    try expect(
      #"{"resourceType":"Invoice","totalNet":{"value":40.22,"currency":"USD"}}"#,
      finds: ["totalnet=40.22", "totalnet=40.22||USD", "totalnet=40.22|urn:iso:std:iso:4217|USD"],
      misses: ["totalnet=40.22||EUR", "totalnet=40.3||USD,1"])
  }

  @Test func comparatorsOfQuantities() throws {
    try expect(
      #"{"resourceType":"Observation","valueQuantity":{"value":5,"comparator":"<"}}"#,
      finds: [
        "value-quantity=lt5", "value-quantity=gt4", "value-quantity=eb5", "value-quantity=ne5",
      ],
      misses: [
        "value-quantity=5", "value-quantity=ge5", "value-quantity=gt5", "value-quantity=sa1",
      ])
    try expect(
      #"{"resourceType":"Observation","valueQuantity":{"value":5,"comparator":">="}}"#,
      finds: ["value-quantity=ge5", "value-quantity=le5", "value-quantity=gt100"],
      misses: ["value-quantity=lt5", "value-quantity=sa5", "value-quantity=eb9"])
  }

  @Test func compositesNeedBothInOneElement() throws {
    try expect(
      """
      {"resourceType":"Observation","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},
      "component":[
      {"code":{"coding":[{"code":"8480-6"}]},"valueQuantity":{"value":120}},
      {"code":{"coding":[{"code":"8462-4"}]},"valueQuantity":{"value":80}}]}
      """,
      finds: [
        "component-code-value-quantity=8480-6$120", "component-code-value-quantity=8480-6$gt100",
        "combo-code-value-quantity=8462-4$le80", "component-code-value-quantity=x$1,8462-4$80",
        "component-code-value-quantity:missing=false", "code-value-quantity:missing=true",
      ],
      misses: [
        "component-code-value-quantity=8480-6$80", "code-value-quantity=8480-6$120",
        "component-code-value-quantity=8462-4$gt100", "combo-code-value-quantity=85354-9$120",
      ])
  }

  @Test func near() throws {
    try expect(
      #"{"resourceType":"Location","position":{"latitude":52.52,"longitude":13.405}}"#,
      finds: [
        "near=52.52|13.405|1|km", "near=48.1374|11.5755|505|km", "near=52.5|13.4",
        "near=52.52|13.405|0|m", "near=48.1374|11.5755|314|[mi_i]", "near=-10|0,52.5|13.4|10",
      ],
      misses: ["near=48.1374|11.5755|503|km", "near=52.52|13.42|100|m", "near=-52.52|13.405"])
    // Over the date line it is near.
    try expect(
      #"{"resourceType":"Location","position":{"latitude":0,"longitude":179.9}}"#,
      finds: ["near=0|-179.9|30|km"], misses: ["near=0|-179.9|20|km"])
    try expect(
      #"{"resourceType":"Location","position":{"latitude":95,"longitude":0}}"#, finds: [],
      misses: ["near=90|0|20000|km"])
  }
}
