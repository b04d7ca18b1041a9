package models

import (
	"time"

	"github.com/dovetail-go/dovetail"
)

// Tables whose rows a delete marks, and of which each change says when it was.

type Drawer struct {
	ID        int64
	Name      string
	DeletedAt *time.Time
	Files     []*File
}

type File struct {
	ID        int64
	DrawerID  *int64
	Name      string
	DeletedAt *time.Time
	UpdatedAt time.Time
	Version   int64
}

var (
	KeptSchema = dovetail.NewRegistry()
	Drawers    = dovetail.NewTable[Drawer](KeptSchema, "drawers", dovetail.SoftDelete("deleted_at"))
	Files      = dovetail.NewTable[File](KeptSchema, "files", dovetail.SoftDelete("deleted_at"), dovetail.Version("version"),
		dovetail.Default("updated_at", "CURRENT_TIMESTAMP"), dovetail.OnUpdate("updated_at", "CURRENT_TIMESTAMP"))
	DrawerFiles = dovetail.HasMany(Drawers, "files", Files, dovetail.ForeignKey("drawer_id"), dovetail.OnDelete(dovetail.Cascade))
)

// KeptDDL makes the tables.
const KeptDDL = `
CREATE TABLE drawers (id BIGINT PRIMARY KEY, name TEXT NOT NULL, deleted_at TIMESTAMP);
CREATE TABLE files (id BIGINT PRIMARY KEY, drawer_id BIGINT, name TEXT NOT NULL, deleted_at TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, version BIGINT NOT NULL DEFAULT 1);
`
