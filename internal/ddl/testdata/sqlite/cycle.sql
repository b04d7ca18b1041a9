CREATE TABLE "teams" (
  "id" INTEGER PRIMARY KEY,
  "captain_id" BIGINT NOT NULL,
  "code" TEXT NOT NULL,
  CONSTRAINT "teams_code_key" UNIQUE ("code"),
  CONSTRAINT "teams_captain_id_fkey" FOREIGN KEY ("captain_id") REFERENCES "players" ("id") ON DELETE RESTRICT
);

CREATE INDEX "teams_captain_id_idx" ON "teams" ("captain_id");

CREATE TABLE "players" (
  "id" INTEGER PRIMARY KEY,
  "team_id" BIGINT NOT NULL,
  "team_code" TEXT,
  CONSTRAINT "players_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams" ("id") ON DELETE RESTRICT,
  CONSTRAINT "players_team_code_fkey" FOREIGN KEY ("team_code") REFERENCES "teams" ("code") ON DELETE RESTRICT
);

CREATE INDEX "players_team_id_idx" ON "players" ("team_id");

CREATE INDEX "players_team_code_idx" ON "players" ("team_code");
