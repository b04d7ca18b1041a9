package models

import "github.com/dovetail-go/dovetail"

// The models of relations that have the names of columns: tables are called by the singular, and a foreign key is called like what
// it points at.

type Country struct {
	Code    string
	Name    string
	Capital *int64
	Cities  int64 // how many there are said to be

	CapitalCity *City   `rel:"capital"`
	CityRows    []*City `rel:"cities"`
	Languages   []*Language
}

type City struct {
	ID         int64
	Name       string
	Country    string
	Twin       *int64
	Code       string `db:"nation"` // what Nation would be, were it no relation's
	N          int64  `db:"n,computed"`
	Nation     *Country
	CountryRow *Country
	TwinCity   *City `rel:"twin"`
	Twins      []*City
	Spoken     []*Language
}

type Language struct {
	Name    string
	Country string                             // that it comes from
	Spoken  []dovetail.Linked[Country, Spoken] `rel:"country"`
}

// Spoken links languages to countries.
type Spoken struct {
	Language string
	Country  string
	Share    int64

	CountryRow *Country `rel:"country"`
}

var (
	Named = dovetail.NewRegistry()

	Countries = dovetail.NewTable[Country](Named, "country", dovetail.PrimaryKey("code"))
	Cities    = dovetail.NewTable[City](Named, "city")
	Languages = dovetail.NewTable[Language](Named, "language", dovetail.PrimaryKey("name"))
	Spokens   = dovetail.NewTable[Spoken](Named, "spoken", dovetail.PrimaryKey("language", "country"))

	CountryCities = dovetail.HasMany(Countries, "cities", Cities, dovetail.ForeignKey("country"), dovetail.OrderBy("name"),
		dovetail.Inverse("country", dovetail.Field("CountryRow")))
	CountryCapital = dovetail.BelongsTo(Countries, "capital", Cities, dovetail.ForeignKey("capital"))
	CityNation     = dovetail.BelongsTo(Cities, "nation", Countries, dovetail.ForeignKey("nation"))
	CityTwins      = dovetail.HasMany(Cities, "twins", Cities, dovetail.ForeignKey("twin"), dovetail.Inverse("twin"))

	CountryLanguages = dovetail.ManyToMany(Countries, "languages", Languages, Spokens, dovetail.ThroughKeys("country", "language"),
		dovetail.Inverse("country"))
	SpokenCountry = dovetail.BelongsTo(Spokens, "country", Countries, dovetail.ForeignKey("country"))
	CitySpoken    = dovetail.HasManyThrough(Cities, "spoken", Languages, "country.languages")
)

// NamedDDL is read by PostgreSQL and SQLite.
const NamedDDL = `
CREATE TABLE country (code TEXT PRIMARY KEY, name TEXT NOT NULL, capital BIGINT, cities BIGINT NOT NULL);
CREATE TABLE city (id BIGINT PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL, twin BIGINT, nation TEXT NOT NULL);
CREATE TABLE language (name TEXT PRIMARY KEY, country TEXT NOT NULL);
CREATE TABLE spoken (language TEXT NOT NULL, country TEXT NOT NULL, share BIGINT NOT NULL, PRIMARY KEY (language, country));
INSERT INTO country (code, name, capital, cities) VALUES ('de', 'Germany', 1, 2), ('fr', 'France', 3, 1), ('nr', 'Nauru', NULL, 0);
INSERT INTO city (id, name, country, twin, nation) VALUES
  (1, 'Berlin', 'de', 3, 'de'), (2, 'Bonn', 'de', NULL, 'de'), (3, 'Paris', 'fr', 1, 'fr'), (4, 'Metz', 'fr', NULL, 'de');
INSERT INTO language (name, country) VALUES ('German', 'de'), ('French', 'fr'), ('Breton', 'fr');
INSERT INTO spoken (language, country, share) VALUES
  ('German', 'de', 95), ('French', 'fr', 98), ('Breton', 'fr', 1), ('German', 'fr', 2), ('French', 'de', 1);
`
