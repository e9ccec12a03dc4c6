self.part = 'part';
