CREATE TABLE "parts" (
  "shelf" TEXT NOT NULL,
  "row" INT NOT NULL,
  "up_shelf" TEXT,
  "up_row" INT,
  CONSTRAINT "parts_pkey" PRIMARY KEY ("shelf", "row"),
  CONSTRAINT "parts_up_shelf_up_row_fkey" FOREIGN KEY ("up_shelf", "up_row") REFERENCES "parts" ("shelf", "row") ON DELETE NO ACTION
);

CREATE INDEX "parts_up_shelf_up_row_idx" ON "parts" ("up_shelf", "up_row");

CREATE TABLE "things_that_lie_somewhere_on_a_shelf" (
  "id" INTEGER PRIMARY KEY,
  "the_shelf_on_which_the_part_lies_in_the_storage_room" TEXT NOT NULL,
  "the_row_of_the_shelf_on_which_the_part_lies_in_the_room_üüü" INT NOT NULL,
  CONSTRAINT "things_that_lie_somewhere_on_a_shelf_the_shelf_on_which_the_part_lies_in_the_storage_room_the_row_of_the_shelf_on_which_the_part_lies_in_the_room_üüü_key" UNIQUE ("the_shelf_on_which_the_part_lies_in_the_storage_room", "the_row_of_the_shelf_on_which_the_part_lies_in_the_room_üüü"),
  CONSTRAINT "things_that_lie_somewhere_on_a_shelf_the_shelf_on_which_the_part_lies_in_the_storage_room_the_row_of_the_shelf_on_which_the_part_lies_in_the_room_üüü_fkey" FOREIGN KEY ("the_shelf_on_which_the_part_lies_in_the_storage_room", "the_row_of_the_shelf_on_which_the_part_lies_in_the_room_üüü") REFERENCES "parts" ("shelf", "row") ON DELETE RESTRICT
);

CREATE TABLE "a" (
  "id" INTEGER PRIMARY KEY,
  "b_c" BIGINT NOT NULL,
  "c" BIGINT NOT NULL
);

CREATE INDEX "a_b_c_idx" ON "a" ("b_c");

CREATE TABLE "a_b" (
  "id" INTEGER PRIMARY KEY,
  "b_c" BIGINT NOT NULL,
  "c" BIGINT NOT NULL
);

CREATE INDEX "a_b_c_948d3d69_idx" ON "a_b" ("c");
