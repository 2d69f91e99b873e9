import FHIR
import Primitives
import Testing

/// R4 3.1.1.3.3 and 3.1.1.4.7: what the prefixes mean between ranges and ranges.
@Suite struct SearchDateTests {
  private func observation(_ effective: String) throws -> Resource {
    try SearchSupport.resource("{\"resourceType\":\"Observation\",\(effective)}")
  }

  /// Value, then the queries that find it, then those that do not.
  static let cases: [(value: String, found: [String], missed: [String])] = [
    (
      #""effectiveDateTime":"2013-01-14""#,
      [
        "2013-01-14", "eq2013-01-14", "2013-01", "2013", "ne2013-01-15", "ge2013-01-14",
        "le2013-01-14", "lt2013-01-15", "gt2013-01-13", "sa2013-01-13", "eb2013-01-15",
        "ap2013-01-14", "ap2013-01-15", "ap2012", "ge2013", "le2013", "gt2013-01-14T10:00Z",
        "lt2013-01-14T10:00Z", "ne2013-01-14T10:00:00Z",
      ],
      [
        "2013-01-15", "2012", "2013-01-14T00:00:00Z", "ne2013-01-14", "ne2013", "gt2013-01-14",
        "lt2013-01-14", "sa2013-01-14", "eb2013-01-14", "ap2013-01-17", "gt2013", "lt2013",
        "ap2011",
      ]
    ),
    (
      // 23:30 in New York is half past four of the next day in UTC.
      #""effectiveDateTime":"2020-03-01T23:30:00-05:00""#,
      [
        "2020-03-02", "2020-03-02T04:30:00Z", "2020-03-02T04:30Z", "2020-03-01T23:30:00-05:00",
        "2020-03-02T05:30:00+01:00", "2020-03-02T04:30", "ge2020-03-02", "gt2020-03-02T04:29:59Z",
        "lt2020-03-02T04:30:01Z", "sa2020-03-01",
      ],
      ["2020-03-01", "le2020-03-01", "2020-03-01T23:30:00Z", "gt2020-03-02T04:30:00Z"]
    ),
    (
      #""effectivePeriod":{"start":"2020-01-15","end":"2020-02-10"}"#,
      [
        "2020", "ge2020-01-14", "le2020-02-11", "gt2020-02-01", "lt2020-02-01", "ge2020-02-09",
        "ne2020-02", "sa2020-01-14", "eb2020-02-11", "ap2020-02", "gt2020-01-15", "ge2020-01",
      ],
      [
        "2020-01", "2020-01-15", "2020-02", "sa2020-01-15", "eb2020-02-10", "gt2020-02-10",
        "lt2020-01-15", "ne2020", "ap2020-06",
        // By the letter: nothing of it is above that day, nor is it within that day.
        "ge2020-02-10", "le2020-01-15",
      ]
    ),
    (
      #""effectivePeriod":{"start":"2020-01-15T10:00:00Z"}"#,
      ["ge2020", "gt2099", "sa2019", "ne2020", "ap2050", "lt2020-02"],
      ["2020", "le2019", "lt2020-01-15T10:00:00Z", "eb9999"]
    ),
    (
      #""effectivePeriod":{"end":"2020-01-15"}"#,
      ["le2020", "lt1900", "eb2020-01-16", "gt2020-01-14"],
      ["2020", "sa0001", "ge2020-01-16"]
    ),
    (
      #""effectiveInstant":"2020-06-01T12:00:00.123Z""#,
      ["2020-06-01T12:00:00Z", "2020-06-01T12:00:00.123Z", "2020-06-01T12:00:00.12Z"],
      ["2020-06-01T12:00:00.124Z", "2020-06-01T12:00:01Z"]
    ),
    (
      #""effectiveTiming":{"event":["2020-03-05","2020-03-01"]}"#,
      ["2020-03", "gt2020-03-04", "sa2020-02"], ["2020-03-05", "eb2020-03-05"]
    ),
    (
      #""effectiveTiming":{"repeat":{"boundsPeriod":{"start":"2020","end":"2021"}}}"#,
      ["gt2020", "sa2019", "eb2022"], ["2020"]
    ),
    // The wrong way round: what lies between.
    (
      #""effectivePeriod":{"start":"2020-02-10","end":"2020-01-15"}"#, ["2020", "sa2020-01-14"],
      ["2020-02"]
    ),
    // No value: found by nothing, not even `ne`.
    (#""effectiveDateTime":"2020-02-30""#, [], ["2020", "ne2020", "ge0001"]),
    (#""effectivePeriod":{}"#, [], ["ne2020"]),
  ]

  @Test(arguments: cases.indices)
  func prefixes(_ index: Int) throws {
    let (value, found, missed) = Self.cases[index]
    let resource = try observation(value)
    for query in found {
      #expect(try SearchSupport.matches(resource, "date=" + query), "\(query) finds \(value)")
    }
    for query in missed {
      #expect(try !SearchSupport.matches(resource, "date=" + query), "\(query) misses \(value)")
    }
  }

  @Test func alternativesAreJoinedByOr() throws {
    let resource = try observation(#""effectiveDateTime":"2020-06-01""#)
    #expect(try SearchSupport.matches(resource, "date=2019,2020"))
    #expect(try !SearchSupport.matches(resource, "date=2019,2021"))
    #expect(try SearchSupport.matches(resource, "date=ge2020&date=le2020"))
    #expect(try !SearchSupport.matches(resource, "date=ge2020&date=le2019"))
  }

  @Test(arguments: [
    "2020-02-30", "2020-13", "2020-00-01", "20200101", "2020-1-1", "xx2020", "eq", "",
    "2020-01-01T",
    "2020-01-01T25:00", "2020-01-01T10", "2020-01-01T10:00:61Z", "2020-01-01T10:00:00+99:00",
    "2020-01-01T10:00:00.Z", "0000", "99999", "2020-01-01T10:00:00.1234567890123Z", "eqeq2020",
    "2020-01-01 ", "-2020", "２０２０",
  ])
  func refusesWhatIsNoDate(_ value: String) {
    #expect {
      try SearchQuery(type: "Observation", parameters: [(name: "date", value: value)])
    } throws: { error in
      let error = error as? PeerChartError
      return error?.code == .invalid && error?.place == "date"
    }
  }

  @Test func lastUpdatedComesFromMeta() throws {
    let resource = try SearchSupport.resource(
      #"{"resourceType":"Basic","meta":{"lastUpdated":"2024-05-06T07:08:09.010Z"}}"#)
    #expect(try SearchSupport.matches(resource, "_lastUpdated=2024-05-06"))
    #expect(try SearchSupport.matches(resource, "_lastUpdated=gt2024-05-06T07:08:08Z"))
    #expect(try !SearchSupport.matches(resource, "_lastUpdated=gt2024-05-06T07:08:09Z"))
  }
}
