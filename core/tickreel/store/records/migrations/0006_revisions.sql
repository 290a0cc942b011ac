-- A number of each dataset that moves with every change of its days, so that nobody reads all to see one.
ALTER TABLE dataset ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
-- It begins anywhere: what was read of a catalog that was made anew since is not taken for what it says now.
INSERT INTO counter (name, value) VALUES ('revision', abs(random() / 4));
UPDATE dataset SET revision = (SELECT value FROM counter WHERE name = 'revision');

CREATE TRIGGER day_added AFTER INSERT ON day BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'revision';
    UPDATE dataset SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = new.dataset_id;
END;
CREATE TRIGGER day_changed AFTER UPDATE ON day BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'revision';
    UPDATE dataset SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = new.dataset_id;
END;
CREATE TRIGGER day_gone AFTER DELETE ON day BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'revision';
    UPDATE dataset SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = old.dataset_id;
END;
CREATE TRIGGER segment_added AFTER INSERT ON segment BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'revision';
    UPDATE dataset SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = new.dataset_id;
END;
CREATE TRIGGER segment_changed AFTER UPDATE ON segment BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'revision';
    UPDATE dataset SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = new.dataset_id;
END;
CREATE TRIGGER segment_gone AFTER DELETE ON segment BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'revision';
    UPDATE dataset SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = old.dataset_id;
END;
CREATE TRIGGER pin_set AFTER INSERT ON pin BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'revision';
    UPDATE dataset SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = new.dataset_id;
END;
CREATE TRIGGER pin_changed AFTER UPDATE ON pin BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'revision';
    UPDATE dataset SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = new.dataset_id;
END;
CREATE TRIGGER pin_taken AFTER DELETE ON pin BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'revision';
    UPDATE dataset SET revision = (SELECT value FROM counter WHERE name = 'revision') WHERE id = old.dataset_id;
END;
